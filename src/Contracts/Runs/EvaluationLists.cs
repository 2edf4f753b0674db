using System.Globalization;

namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>Reads the lists of a spec's evaluation: words or numbers with commas between.</summary>
public static class EvaluationLists
{
    private const double Limit = 1e6;

    /// <summary>Its words, in order; empty for an empty text.</summary>
    public static IReadOnlyList<string> Words(string? text) => string.IsNullOrEmpty(text) ? [] : text.Split(',', StringSplitOptions.TrimEntries);

    /// <summary>Its numbers, such as 0.1,0.2 or 4/255,8/255; empty for an empty text.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public static IReadOnlyList<double> Numbers(string? text) => ProblemOf(text) is not { } problem ? [.. Words(text).Select(Number)] : throw new FormatException(problem);

    /// <summary>Why it is no list of numbers above 0 that ascend; null where it is one.</summary>
    internal static string? ProblemOf(string? text)
    {
        double[] values = [.. Words(text).Select(Number)];
        return !values.All(double.IsFinite) ? $"expected numbers between commas such as 0.1,0.2 or 4/255,8/255, got '{text}'"
            : !values.All(value => value is > 0 and < Limit) || !values.Zip(values.Skip(1), (one, next) => one < next).All(ascends => ascends)
                ? $"expected numbers above 0, each larger than the one before, got '{text}'"
            : null;
    }

    // A number, or a fraction such as 8/255; NaN for neither.
    private static double Number(string text)
    {
        var parts = text.Split('/');
        var numbers = parts.Select(part => double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : double.NaN).ToArray();
        return numbers switch
        {
            [var number] => number,
            [var over, var under] => over / under,
            _ => double.NaN,
        };
    }
}
