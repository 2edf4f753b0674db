using System.Globalization;

namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>Writes the numbers of a message as people do: 1e-5 and not 1E-05.</summary>
public sealed class NumberText : IFormatProvider, ICustomFormatter
{
    private NumberText()
    {
    }

    /// <summary>For interpolated texts: <c>string.Create(NumberText.Plain, $"...")</c>.</summary>
    public static NumberText Plain { get; } = new();

    /// <summary>The shortest text that is read back as the same number.</summary>
    public static string Of(double number) => double.IsFinite(number) ? DecimalNumber.Of(number).ToString() : number.ToString(CultureInfo.InvariantCulture);

    object? IFormatProvider.GetFormat(Type? formatType) =>
        formatType == typeof(ICustomFormatter) ? this : CultureInfo.InvariantCulture.GetFormat(formatType);

    string ICustomFormatter.Format(string? format, object? arg, IFormatProvider? formatProvider) => arg switch
    {
        double number when string.IsNullOrEmpty(format) => Of(number),
        IFormattable other => other.ToString(format, CultureInfo.InvariantCulture),
        _ => arg?.ToString() ?? "",
    };
}
