using System.Diagnostics;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Client;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.Model.Native;

namespace Lcnn.Distributed.Cli.Hosting;

/// <summary>Runs the sweep benchmark in a silo of this process: real grains, real placement, real snapshots.</summary>
internal sealed class SweepBenchmarkRunner(bool isDebugging) : ISweepBenchmark
{
    private const int WarmUps = 5;

    public async Task<SweepBenchmarkReport> MeasureAsync(SweepBenchmarkRequest request, Action<string> progress, CancellationToken cancellationToken)
    {
        NativeLibrary.Check();
        var folder = Directory.CreateTempSubdirectory("lcnn-bench-");
        try
        {
            await using var host = await RunHosts.OpenAsync(new RunPlace.ThisProcess(1), isDebugging, cancellationToken);
            var spec = SpecOf(request, folder.FullName);
            await LoopAsync(host.Launcher, spec, WarmUps, "warm-up", cancellationToken);
            progress($"{request.Trials} runs in a loop");
            var loop = await LoopAsync(host.Launcher, spec, request.Trials, "loop", cancellationToken);
            progress($"{request.Trials} trials of a sweep");
            var (sweep, first) = await SweepAsync(host.Launcher, spec, request.Trials, cancellationToken);
            return new SweepBenchmarkReport(request.Trials, loop, sweep, sweep - loop, first, Megabytes());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static SweepSpec SpecOf(SweepBenchmarkRequest request, string folder) => new()
    {
        Base = Recipes.Default() with
        {
            Epochs = 1,
            Workers = 1,
            ThreadsPerWorker = 1,
            LogicalShards = 1,
            BatchSize = 32,
            TrainLimit = request.TrainLimit,
            CurvatureSamples = 0,
        },
        Parameters = [ParameterSpec.LogBetween("lr", 0.001, 0.1)],
        Sampler = new SamplerSpec { Kind = "random" },
        MaxTrials = request.Trials,
        MaxConcurrent = 1,
        OutputDirectory = Path.Combine(folder, "sweep"),
    };

    // Milliseconds of a run.
    private static async Task<double> LoopAsync(IRunLauncher launcher, SweepSpec spec, int count, string name, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        for (var number = 1; number <= count; number++)
        {
            var run = await launcher.StartAsync(
                spec.SpecOf(number, ParameterSet.Empty) with { OutputDirectory = $"{spec.OutputDirectory}-{name}/{number}" }, cancellationToken);
            await foreach (var _ in run.WatchAsync(cancellationToken: cancellationToken))
            {
            }
        }

        return Stopwatch.GetElapsedTime(start).TotalMilliseconds / count;
    }

    private static async Task<(double Milliseconds, double Megabytes)> SweepAsync(
        IRunLauncher launcher, SweepSpec spec, int trials, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        var sweep = await launcher.StartSweepAsync(spec, cancellationToken);
        var (done, megabytes) = (0, 0.0);
        await foreach (var next in sweep.WatchAsync(cancellationToken: cancellationToken))
        {
            done += next is TrialCompleted ? 1 : 0;
            megabytes = megabytes == 0 && done >= trials / 10 ? Megabytes() : megabytes;
        }

        return done == trials
            ? (Stopwatch.GetElapsedTime(start).TotalMilliseconds / trials, megabytes)
            : throw new InvalidOperationException($"{trials - done} of {trials} trials did not complete");
    }

    private static double Megabytes()
    {
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64 / 1e6;
    }
}
