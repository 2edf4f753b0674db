using System.Diagnostics;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Client;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Model.Native;

namespace Lcnn.Distributed.Cli.Hosting;

/// <summary>Runs the ping benchmark: asks two silo processes for their slots, which takes a call to each, while they do one thing or another.</summary>
internal sealed class PingBenchmarkRunner(bool isDebugging) : IPingBenchmark
{
    private const int Silos = 2;
    private const int WarmUpSteps = 3;
    private const int WarmUpPings = 50;
    private static readonly string[] _variants = ["idle", "independent", "stream", "grain"];
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(10);

    public async Task<PingReport> MeasureAsync(PingRequest request, Action<string> progress, CancellationToken cancellationToken)
    {
        NativeLibrary.Check();
        var folder = Directory.CreateTempSubdirectory("lcnn-bench-");
        try
        {
            await using var host = await RunHosts.OpenAsync(new RunPlace.LocalSilos(Silos, SlotsEach: 1, Redis: null), isDebugging, cancellationToken);
            var rows = new List<PingRow>();
            foreach (var variant in _variants)
            {
                var row = await MeasureAsync(host.Launcher, variant, SpecsOf(request, variant, folder.FullName), request.Pings, cancellationToken);
                rows.Add(row);
                progress($"{variant}: p50 {row.P50:0.00} ms, p99 {row.P99:0.00} ms");
            }

            return new PingReport(request, rows);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<PingRow> MeasureAsync(
        IRunLauncher launcher, string variant, IEnumerable<RunSpec> specs, int pings, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        var runs = await Task.WhenAll(specs.Select(spec => launcher.StartAsync(spec, cancellationToken)));
        var watches = runs.Select(run => new StepWatch(run)).ToList();
        var following = watches.ConvertAll(watch => watch.FollowAsync(cancellationToken));
        double[] times;
        try
        {
            await StepWatch.AllReachAsync(watches, following, WarmUpSteps, cancellationToken);
            await PingAsync(launcher, WarmUpPings, cancellationToken);
            times = await PingAsync(launcher, pings, cancellationToken);
        }
        finally
        {
            await Task.WhenAll(runs.Select(run => run.CancelAsync("the benchmark has its calls", CancellationToken.None)));
        }

        var ends = await Task.WhenAll(following);
        var sent = ends.OfType<RunCancelled>().SelectMany(end => end.Ranks).Sum(rank => rank.BytesSent.Values.Sum());
        Array.Sort(times);
        return new PingRow(
            variant, times[times.Length / 2], times[times.Length * 99 / 100], times[^1], sent / Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    private static async Task<double[]> PingAsync(IRunLauncher launcher, int count, CancellationToken cancellationToken)
    {
        var times = new double[count];
        for (var i = 0; i < count; i++)
        {
            await Task.Delay(_pause, cancellationToken);
            var start = Stopwatch.GetTimestamp();
            await launcher.ListSilosAsync(cancellationToken);
            times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        return times;
    }

    private static IEnumerable<RunSpec> SpecsOf(PingRequest request, string variant, string folder)
    {
        var (runs, workers) = variant switch
        {
            "idle" => (0, 0),
            "independent" => (Silos, 1),
            _ => (1, Silos),
        };
        return Enumerable.Range(0, runs).Select(index => Recipes.Default(request.Dataset, request.Architecture) with
        {
            Workers = workers,
            ThreadsPerWorker = 1,
            LogicalShards = workers,
            BatchSize = request.SamplesPerWorker * workers,
            Transport = runs == 1 ? variant : "auto",
            SnapshotEvery = int.MaxValue, // only the one that a stopped run keeps
            CurvatureSamples = 0,
            OutputDirectory = Path.Combine(folder, $"{variant}-{index}"),
        });
    }
}
