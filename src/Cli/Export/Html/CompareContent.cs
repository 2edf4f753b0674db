using Lcnn.Distributed.Cli.Comparisons;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Cli.Export.Html;

/// <summary>What the charts of a comparison are drawn from, as compare.js reads it.</summary>
internal sealed record CompareContent(IReadOnlyList<CompareMethod> Methods)
{
    /// <summary>Works it out.</summary>
    public static CompareContent Of(Comparison comparison, ComparisonInsight? insight) => new(
    [
        .. comparison.Methods.Select(method => new CompareMethod(
            method.Method,
            method.Trials,
            Means(method, comparison.RobustEpsilons, trial => trial.Robust),
            Means(method, comparison.CertifiedEpsilons, trial => trial.Certified),
            Means(method, comparison.NoiseNorms, trial => trial.GradientChange),
            insight?.Of(method.Method)?.Layers ?? [])),
    ]);

    private static MeanAt[] Means(MethodFigures method, IReadOnlyList<double> places, Func<TrialFigures, IReadOnlyList<FigureAt>> of) =>
    [
        .. places.Select(place => (Place: place, Spread: method.At(place, of))).Where(figure => figure.Spread.Count > 0)
            .Select(figure => new MeanAt(figure.Place, figure.Spread.Mean, figure.Spread.Deviation)),
    ];
}

/// <summary>A method with its trials, means over them, and the layers of one.</summary>
internal sealed record CompareMethod(
    string Name, IReadOnlyList<TrialFigures> Trials, IReadOnlyList<MeanAt> Robust, IReadOnlyList<MeanAt> Certified, IReadOnlyList<MeanAt> GradientChange,
    IReadOnlyList<LayerSharpness> Layers);

/// <summary>A mean at a distance.</summary>
internal sealed record MeanAt(double At, double Mean, double Deviation);
