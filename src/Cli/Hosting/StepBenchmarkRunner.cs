using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Model.Benchmarks;
using Lcnn.Distributed.Model.Diagnostics;
using Lcnn.Distributed.Model.Native;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Numerics;

namespace Lcnn.Distributed.Cli.Hosting;

/// <summary>Runs the model's step benchmark on a thread of its own.</summary>
internal sealed class StepBenchmarkRunner : IStepBenchmark
{
    public Task<StepBenchmarkReport> MeasureAsync(StepBenchmarkRequest request, CancellationToken cancellationToken)
    {
        NativeLibrary.Check();
        var device = DeviceArgument.Find(request.Device);
        return Task.Factory.StartNew(() => Measure(request, device, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    private static StepBenchmarkReport Measure(StepBenchmarkRequest request, ComputeDevice device, CancellationToken cancellationToken)
    {
        var image = new ImageShape(request.Image[0], request.Image[1], request.Image[2]);
        var rows = StepBenchmark.Run(new StepBenchmarkOptions(request.Family, image, request.BatchSize, request.Threads, request.Rounds, device), cancellationToken);
        return new StepBenchmarkReport(SystemReport.ProcessorName, [.. rows.Select(row => new StepTiming(
            row.Name, row.Milliseconds, request.BatchSize / row.Milliseconds * 1000, row.Ratio, row.PeakMegabytes is { } peak && double.IsFinite(peak) ? peak : null))]);
    }
}
