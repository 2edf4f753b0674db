namespace Lcnn.Distributed.Contracts.Sweeps;

/// <summary>The names a <see cref="SweepSpec"/> may use.</summary>
public static class SweepNames
{
    /// <summary>Ways to choose the parameters of the next trial.</summary>
    public static IReadOnlyList<string> Samplers { get; } = ["grid", "random", "tpe", "list"];

    /// <summary>Ways to end trials early.</summary>
    public static IReadOnlyList<string> Schedulers { get; } = ["none", "median", "asha"];

    /// <summary>What every epoch of a trial reports.</summary>
    public static IReadOnlyList<string> EpochMetrics { get; } = ["testAccuracy", "testLoss", "trainAccuracy", "trainLoss"];

    /// <summary>What the end of a trial reports besides, when curvature is measured.</summary>
    public static IReadOnlyList<string> CurvatureMetrics { get; } = ["curvature", "hessianNorm", "gradNorm"];

    /// <summary>Everything a goal can be about.</summary>
    public static IReadOnlyList<string> Metrics { get; } = [.. EpochMetrics, .. CurvatureMetrics, "seconds", "samplesPerSecond"];
}
