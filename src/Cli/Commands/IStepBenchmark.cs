using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary>Times training steps of one replica.</summary>
internal interface IStepBenchmark
{
    /// <exception cref="BadInputException">The data set cannot be read.</exception>
    Task<StepBenchmarkReport> MeasureAsync(StepBenchmarkRequest request, CancellationToken cancellationToken);
}

/// <summary>What to time: the step of each spec, in turn.</summary>
internal sealed record StepBenchmarkRequest(IReadOnlyList<RunSpec> Specs, int Steps, int WarmupSteps);

/// <summary>The times, in the order of the request; ratios are to the last spec.</summary>
internal sealed record StepBenchmarkReport(IReadOnlyList<StepTiming> Timings) : Report
{
    public override string Event => "bench";
}

/// <summary>Time of one spec's step.</summary>
internal sealed record StepTiming(string Architecture, string Loss, int BatchSize, int Shards, int Threads, int Steps, double MedianMilliseconds)
{
    public double SamplesPerSecond => BatchSize / MedianMilliseconds * 1000;
}
