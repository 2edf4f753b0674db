using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Model.Benchmarks;
using Lcnn.Distributed.Model.Native;

namespace Lcnn.Distributed.Cli.Hosting;

/// <summary>Runs the model's step benchmark on a thread of its own.</summary>
internal sealed class StepBenchmarkRunner : IStepBenchmark
{
    public Task<StepBenchmarkReport> MeasureAsync(StepBenchmarkRequest request, CancellationToken cancellationToken)
    {
        NativeLibrary.Check();
        return Task.Factory.StartNew(
            () => new StepBenchmarkReport([.. StepBenchmark.Run(request.BatchSize, request.Rounds, cancellationToken).Select(row =>
                new StepTiming(row.Name, row.Milliseconds, request.BatchSize / row.Milliseconds * 1000, row.Ratio))]),
            cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }
}
