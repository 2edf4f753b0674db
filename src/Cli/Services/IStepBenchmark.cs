namespace Lcnn.Distributed.Cli.Services;

/// <summary>Times whole training steps of several networks that take turns.</summary>
internal interface IStepBenchmark
{
    Task<StepBenchmarkReport> MeasureAsync(StepBenchmarkRequest request, CancellationToken cancellationToken);
}

/// <summary>What to time: steps of so many samples, so many turns of every variant.</summary>
internal sealed record StepBenchmarkRequest(int BatchSize, int Rounds);

/// <summary>The times; ratios are to the stock ReLU network of the same run.</summary>
internal sealed record StepBenchmarkReport(IReadOnlyList<StepTiming> Timings) : Report
{
    protected override string Kind => "bench";
}

/// <summary>Median time of one variant's step.</summary>
internal sealed record StepTiming(string Variant, double Milliseconds, double SamplesPerSecond, double Ratio);
