using System.Globalization;
using System.Text.Json.Serialization;

namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>The value of a run option: exactly one of text, number, whole number or switch.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.OptionValue"), JsonConverter(typeof(OptionValueConverter))]
public sealed record OptionValue
{
    /// <summary>A name or a path.</summary>
    [Id(0)] public string? Text { get; init; }

    /// <summary>A number of an option that takes fractions.</summary>
    [Id(1)] public double? Number { get; init; }

    /// <summary>A number of an option that takes none.</summary>
    [Id(2)] public long? Whole { get; init; }

    /// <summary>On or off.</summary>
    [Id(3)] public bool? Flag { get; init; }

    /// <summary>Whole or not, as a number; null for text and switches.</summary>
    public double? AsNumber => Number ?? Whole;

    /// <summary>As a whole number, such as 64.0 is; null for what is none or has no place in 64 bits.</summary>
    public long? AsWhole => Whole ?? (Number is { } number && double.IsInteger(number) && number is >= -9223372036854775808.0 and < 9223372036854775808.0 ? (long)number : null);

    /// <summary>A text.</summary>
    public static implicit operator OptionValue(string text) => FromString(text);

    /// <summary>A number.</summary>
    public static implicit operator OptionValue(double number) => FromDouble(number);

    /// <summary>A whole number.</summary>
    public static implicit operator OptionValue(long whole) => FromInt64(whole);

    /// <summary>A whole number.</summary>
    public static implicit operator OptionValue(int whole) => FromInt64(whole);

    /// <summary>A switch.</summary>
    public static implicit operator OptionValue(bool flag) => FromBoolean(flag);

    /// <summary>A text.</summary>
    public static OptionValue FromString(string text) => new() { Text = text };

    /// <summary>A number.</summary>
    public static OptionValue FromDouble(double number) => new() { Number = number };

    /// <summary>A whole number.</summary>
    public static OptionValue FromInt64(long whole) => new() { Whole = whole };

    /// <summary>A switch.</summary>
    public static OptionValue FromBoolean(bool flag) => new() { Flag = flag };

    /// <summary>As it is written in a sweep file; the shortest digits that read back the same.</summary>
    public override string ToString() =>
        Text
        ?? (Number is { } number ? NumberText.Of(number) : null)
        ?? Whole?.ToString(CultureInfo.InvariantCulture)
        ?? (Flag is { } flag ? (flag ? "true" : "false") : "");
}
