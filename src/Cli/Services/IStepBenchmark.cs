namespace Lcnn.Distributed.Cli.Services;

/// <summary>Times whole training steps of several networks that take turns.</summary>
internal interface IStepBenchmark
{
    Task<StepBenchmarkReport> MeasureAsync(StepBenchmarkRequest request, CancellationToken cancellationToken);
}

/// <summary>What to time: steps of a family's networks, so many turns of every variant.</summary>
/// <param name="Image">Channels, height and width.</param>
/// <param name="Device">"cpu", or "cuda:" and the index.</param>
internal sealed record StepBenchmarkRequest(string Family, IReadOnlyList<int> Image, int BatchSize, int Threads, int Rounds, string Device);

/// <summary>The times; ratios are to the stock ReLU network of the same run.</summary>
internal sealed record StepBenchmarkReport(string Processor, IReadOnlyList<StepTiming> Timings) : Report
{
    protected override string Kind => "bench";
}

/// <summary>Median time of one variant's step, or of a phase of it.</summary>
/// <param name="PeakMegabytes">The most that one step raised the resident memory; null for phases, and where the system does not tell.</param>
internal sealed record StepTiming(string Variant, double Milliseconds, double SamplesPerSecond, double Ratio, double? PeakMegabytes = null);
