namespace Lcnn.Distributed.Cli.Comparisons;

/// <summary>Methods on one data set, each trained from some seeds: the first is the baseline.</summary>
internal sealed record Comparison
{
    /// <summary>Name of its figures in its folder.</summary>
    public const string FileName = "compare.json";

    /// <summary>What was run, and where.</summary>
    public required ComparisonOrigin Origin { get; init; }

    /// <summary>In the order in which they were asked for.</summary>
    public required IReadOnlyList<MethodFigures> Methods { get; init; }

    /// <summary>Perturbations at which some trial was attacked, ascending.</summary>
    public IReadOnlyList<double> RobustEpsilons => Places(trial => trial.Robust);

    /// <summary>Distances for which some trial was certified, ascending.</summary>
    public IReadOnlyList<double> CertifiedEpsilons => Places(trial => trial.Certified);

    /// <summary>Norms of the noise under which some trial's gradients were compared, ascending.</summary>
    public IReadOnlyList<double> NoiseNorms => Places(trial => trial.GradientChange);

    /// <summary>Every trial, method by method.</summary>
    public IEnumerable<TrialFigures> Trials => Methods.SelectMany(method => method.Trials);

    private double[] Places(Func<TrialFigures, IReadOnlyList<FigureAt>> of) => [.. Trials.SelectMany(of).Select(figure => figure.At).Distinct().Order()];
}

/// <summary>A row of the comparison.</summary>
/// <param name="Method">One of the methods of <c>lcnn train</c>.</param>
/// <param name="Trials">By seed.</param>
internal sealed record MethodFigures(string Method, IReadOnlyList<TrialFigures> Trials)
{
    /// <summary>A figure over those trials that have it.</summary>
    public Spread Over(Func<TrialFigures, double> figure) => Spread.Of(Trials.Select(figure));

    /// <summary>A figure at a distance over those trials that have it there.</summary>
    public Spread At(double place, Func<TrialFigures, IReadOnlyList<FigureAt>> of) =>
        Spread.Of(Trials.SelectMany(of).Where(figure => figure.At == place).Select(figure => figure.Value));

    /// <summary>Trials that were not trained to their end.</summary>
    public int Unfinished => Trials.Count(trial => trial.Error is not null);
}

/// <summary>What was run, when and on what, so that it can be run again.</summary>
/// <param name="Command">As it could be typed.</param>
/// <param name="Version">Of this program.</param>
/// <param name="Network">The network that methods take in their style.</param>
/// <param name="Dataset">Name, or the last part of a path.</param>
/// <param name="Machine">The processor, or the cluster.</param>
/// <param name="Seconds">It took, pauses left out.</param>
internal sealed record ComparisonOrigin(string Command, string Version, string Network, string Dataset, string Machine, double Seconds)
{
    /// <summary>Passes over the training set.</summary>
    public int Epochs { get; init; }

    /// <summary>Attacks and their norm, in words; null for none.</summary>
    public string? Attacks { get; init; }
}
