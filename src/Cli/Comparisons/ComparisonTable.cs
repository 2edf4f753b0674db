using System.Globalization;

namespace Lcnn.Distributed.Cli.Comparisons;

/// <summary>A comparison as the paper's table has it: a row a method, a column a figure.</summary>
internal sealed record ComparisonTable(IReadOnlyList<ComparisonColumn> Columns, IReadOnlyList<ComparisonRow> Rows)
{
    /// <summary>Lays it out; what nobody measured has no column.</summary>
    public static ComparisonTable Of(Comparison comparison)
    {
        var baseline = comparison.Methods[0];
        var curvature = baseline.Over(trial => trial.Curvature).Mean;
        List<(ComparisonColumn Column, Func<MethodFigures, Spread> Figure)> columns =
        [
            (new("testAccuracy", "test accuracy", "Acc.", IsShare: true), method => method.Over(trial => trial.TestAccuracy)),
            (new("gradNorm", "gradient norm", @"$\|\nabla f\|$"), method => method.Over(trial => trial.GradNorm)),
            (new("hessianNorm", "Hessian norm", @"$\|\nabla^2 f\|$"), method => method.Over(trial => trial.HessianNorm)),
            (new("curvature", "curvature", @"$\mathcal{C}_f$"), method => method.Over(trial => trial.Curvature)),
            (new("curvatureRatio", $"curvature / {baseline.Method}'s", @"$\mathcal{C}_f$ ratio"), method => curvature > 0 ? method.Over(trial => trial.Curvature).Times(1 / curvature) : Spread.None),
            .. comparison.RobustEpsilons.Select(epsilon => (
                new ComparisonColumn($"robustAccuracy@{Name(epsilon)}", $"robust at {Name(epsilon)}", $"Rob. {Name(epsilon)}", IsShare: true),
                new Func<MethodFigures, Spread>(method => method.At(epsilon, trial => trial.Robust)))),
            .. comparison.CertifiedEpsilons.Select(epsilon => (
                new ComparisonColumn($"certifiedAccuracy@{Name(epsilon)}", $"certified at {Name(epsilon)}", $"Cert. {Name(epsilon)}", IsShare: true),
                new Func<MethodFigures, Spread>(method => method.At(epsilon, trial => trial.Certified)))),
        ];
        var known = columns.Where(column => comparison.Methods.Any(method => column.Figure(method).Count > 0)).ToArray();
        return new ComparisonTable(
            [.. known.Select(column => column.Column)],
            [.. comparison.Methods.Select(method => new ComparisonRow(method.Method, RunsOf(method), [.. known.Select(column => column.Figure(method))]))]);
    }

    /// <summary>A distance to four digits.</summary>
    public static string Name(double distance) => distance.ToString("G4", CultureInfo.InvariantCulture);

    private static string RunsOf(MethodFigures method) => method.Unfinished == 0
        ? $"{method.Trials.Count}"
        : $"{method.Trials.Count - method.Unfinished} of {method.Trials.Count}";
}

/// <summary>A figure that methods are compared by.</summary>
/// <param name="Key">Its name for programs.</param>
/// <param name="Title">Its name for people.</param>
/// <param name="Latex">Its name in a paper.</param>
/// <param name="IsShare">Whether it is a share, 0..1, that people read in percent.</param>
internal sealed record ComparisonColumn(string Key, string Title, string Latex, bool IsShare = false)
{
    /// <summary>The title with its unit.</summary>
    public string Heading => IsShare ? $"{Title} (%)" : Title;

    /// <summary>Mean and deviation as people read them: shares in percent, other figures to three digits; a dash where there is none.</summary>
    /// <param name="sign">Between the two.</param>
    public string Show(Spread spread, string sign = " ± ") =>
        spread.Count == 0 ? "-"
        : double.IsNaN(spread.Deviation) ? Digits(spread.Mean, spread.Mean)
        : $"{Digits(spread.Mean, spread.Mean)}{sign}{Digits(spread.Deviation, spread.Mean)}";

    // A deviation has the decimals of its mean.
    private string Digits(double value, double mean)
    {
        if (IsShare)
        {
            return (100 * value).ToString("0.00", CultureInfo.InvariantCulture);
        }

        var size = Math.Abs(mean);
        if (size is > 0 and (< 1e-3 or >= 1e5))
        {
            return value.ToString("0.00e+0", CultureInfo.InvariantCulture);
        }

        var decimals = size == 0 ? 2 : Math.Clamp(2 - (int)Math.Floor(Math.Log10(size)), 0, 5);
        return value.ToString("F" + decimals, CultureInfo.InvariantCulture);
    }
}

/// <summary>A method's figures, a column each.</summary>
/// <param name="Method">Its name.</param>
/// <param name="Runs">How many networks it has, in words.</param>
internal sealed record ComparisonRow(string Method, string Runs, IReadOnlyList<Spread> Figures);
