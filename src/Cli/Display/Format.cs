using System.Globalization;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Cli.Display;

/// <summary>Quantities as people read them; a dash where there is none.</summary>
internal static class Format
{
    public const string None = "-";

    public static string Number(double value) =>
        double.IsFinite(value) ? value.ToString(Math.Abs(value) is >= 1e5 or (> 0 and < 1e-3) ? "0.00e+0" : "0.####", CultureInfo.InvariantCulture) : None;

    public static string Percent(double share) =>
        double.IsFinite(share) ? (100 * share).ToString("0.00", CultureInfo.InvariantCulture) + " %" : None;

    public static string Rate(double perSecond) =>
        double.IsFinite(perSecond) ? perSecond.ToString(perSecond < 100 ? "0.0" : "#,0", CultureInfo.InvariantCulture) + " samples/s" : None;

    public static string Count(long count) => count.ToString("#,0", CultureInfo.InvariantCulture);

    public static string Counted(long count, string noun) => $"{Count(count)} {noun}{(count == 1 ? "" : "s")}";

    /// <summary>How far of how much, where that is known.</summary>
    public static string Of(long done, long? total) => total is > 0 ? $"{done}/{total}" : $"{done}";

    public static string Range(ValueRange? range) => range is null ? None : $"{Number(range.Minimum)}..{Number(range.Maximum)}";

    public static string Duration(TimeSpan? duration) => duration is not { } time
        ? None
        : time.TotalHours >= 1
            ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}")
            : string.Create(CultureInfo.InvariantCulture, $"{time.Minutes}:{time.Seconds:00}");

    /// <summary>The terms that the loss has.</summary>
    public static string Terms(LossTerms terms) => string.Join(" ", Named(terms).Where(term => double.IsFinite(term.Value)).Select(term => $"{term.Name} {Number(term.Value)}"));

    /// <summary>All terms by name.</summary>
    public static IEnumerable<(string Name, double Value)> Named(LossTerms terms) =>
    [
        ("ce", terms.CrossEntropy), ("beta", terms.BetaTerm), ("gamma", terms.GammaTerm), ("gradnorm", terms.GradientNorm),
    ];
}
