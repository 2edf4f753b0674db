using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Threading.Channels;
using Lcnn.Distributed.Client.Sweeps;
using Lcnn.Distributed.ClusterTests.Storage;
using Lcnn.Distributed.ClusterTests.Sweeps.Simulation;
using Lcnn.Distributed.Contracts.Cluster;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.Grains.EventLogs;
using Lcnn.Distributed.Grains.Sweeps;

namespace Lcnn.Distributed.ClusterTests.Sweeps;

/// <summary>Sweeps of many trials, and many runs that wait, on a cluster whose runs only report.</summary>
/// <remarks>Seconds are printed and hardly asserted: the machine may be shared. Counts and bytes are.</remarks>
[Collection(nameof(OwnTraining))]
public sealed class LargeSweepTests(RedisFixture redis) : IClassFixture<RedisFixture>, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lcnn-large-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public Task Sweep_OfHundredsOfTrials_CostsTheSameForEachAndSurvivesItsSilo() => SweepAsync("some", trials: 400, epochs: 9, atOnce: 40, silos: 10, slots: 10, mostGrowth: 2); // the list of runs still grows

    [Fact]
    public async Task Sweep_OfTenThousandTrials_CostsTheSameForEachAndSurvivesItsSilo()
    {
        TestTier.SkipUnlessLong();
        await SweepAsync("many", trials: 10_000, epochs: 20, atOnce: 400, silos: 100, slots: 10, mostGrowth: 1.5); // a busy machine stores fewer reports with each write
    }

    [Fact]
    public Task Runs_ThatWaitForSlots_AreGrantedThemInOrderWithFewLooks() => WaitAsync(silos: 10, slots: 5, runs: 100);

    [Fact]
    public async Task Runs_AThousandThatWaitForAThousandSlots_AreGrantedThemWithinASecond()
    {
        TestTier.SkipUnlessLong();
        var latencies = await WaitAsync(silos: 100, slots: 10, runs: 1_000);
        Assert.InRange(latencies[(int)(0.99 * latencies.Count)], TimeSpan.Zero, TimeSpan.FromSeconds(1));
    }

    private async Task SweepAsync(string name, int trials, int epochs, int atOnce, int silos, int slots, double mostGrowth)
    {
        await using var cluster = await SimulatedCluster.StartAsync(redis.Connection, silos, slots, Token);
        var spec = new SweepSpec
        {
            Base = Recipes.Default() with { Epochs = epochs, Workers = 1 },
            Parameters = [ParameterSpec.LogBetween("lr", 0.001, 0.3)],
            Sampler = new SamplerSpec { Kind = "random" },
            Scheduler = new SchedulerSpec { Kind = "asha", Reduction = 3, MinEpochs = 1 },
            MaxTrials = trials,
            MaxConcurrent = atOnce,
            OutputDirectory = Path.Combine(_folder, name),
        };
        var started = Stopwatch.GetTimestamp();
        var sweep = await cluster.Client.StartSweepAsync(spec, Token);
        var first = await MeasureAsync(cluster, sweep, from: trials / 10, to: trials / 5);
        await BegunAsync(sweep, trials / 2);

        var grain = cluster.Grains.GetGrain<ISweepGrain>(sweep.Id);
        var before = await grain.GetStatusAsync(Token);
        await cluster.KillSiloOfAsync(grain, Token);
        var killed = Stopwatch.GetTimestamp();
        var after = await cluster.Grains.GetGrain<ISweepGrain>(sweep.Id).GetStatusAsync(Token);
        var takenUp = Stopwatch.GetElapsedTime(killed);
        Assert.True(after.Epochs >= before.Epochs, $"{before.Epochs} epochs before, {after.Epochs} after");
        sweep = await cluster.Client.FindSweepAsync(sweep.Id, Token);

        var last = await MeasureAsync(cluster, sweep, from: (int)(0.85 * trials), to: (int)(0.95 * trials)); // the end of all trials is one large write
        await EndedAsync(sweep);
        var memory = await InfoAsync("memory", "used_memory");
        Print($"{trials} trials x {epochs} epochs: {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s, {cluster.Runs.Reports} reports of {cluster.Runs.Count} runs");
        Print($"a report costs {first.Seconds * 1e3:0.00} ms and {first.Bytes:0} bytes early, {last.Seconds * 1e3:0.00} ms and {last.Bytes:0} bytes late; Redis has {memory / 1e6:0.0} MB, {(double)memory / trials:0} bytes a trial");
        Print($"after the loss of its silo at trial {before.Trials.Running + before.Trials.Paused} it was taken up in {takenUp.TotalSeconds:0.00} s");
        Print($"its grain holds {await HeldAsync(cluster, sweep.Id, spec) / 1e6:0.0} MB of trials");
        await AssertWholeAsync(sweep, trials);
        Assert.InRange(last.Bytes, 0, mostGrowth * first.Bytes);
        Assert.Equal(0, cluster.Silos.HeldCount);
    }

    // What the grain makes of the journal, once more; the newest 4,096 events of its log come to it.
    private static async Task<long> HeldAsync(SimulatedCluster cluster, string id, SweepSpec spec)
    {
        var store = cluster.Service<IEventLogStore<SweepChange>>();
        var end = (await store.ReadBeforeAsync(id, long.MaxValue, 1, Token))[0].Sequence; // its last change may be on its way yet
        var record = new SweepRecord { SpecJson = JsonSerializer.Serialize(spec, RunEventJson.Options), TrialsJson = SweepRecord.InJournal, JournalSequence = end };
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var trials = new SweepTrials(id, record);
        for (var last = 0L; last < end; last++)
        {
            trials.Take((await store.ReadAfterAsync(id, last, 1, Token))[0]);
        }

        var board = new SweepBoard(id, spec, record, trials.Finish(), TimeProvider.System);
        var held = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.Equal(spec.MaxTrials, board.Entries.Count);
        return held;
    }

    // Cost of a report while trials are begun; bytes are those that Redis is sent.
    private async Task<(double Seconds, double Bytes)> MeasureAsync(SimulatedCluster cluster, ISweepHandle sweep, int from, int to)
    {
        await BegunAsync(sweep, from);
        var (time, bytes, reports) = (Stopwatch.GetTimestamp(), await InfoAsync("stats", "total_net_input_bytes"), cluster.Runs.Reports);
        await BegunAsync(sweep, to);
        var count = Math.Max(1, cluster.Runs.Reports - reports);
        return (Stopwatch.GetElapsedTime(time).TotalSeconds / count, (await InfoAsync("stats", "total_net_input_bytes") - bytes) / (double)count);
    }

    private static async Task BegunAsync(ISweepHandle sweep, int trials)
    {
        while (true)
        {
            var counts = (await StatusAsync(sweep)).Trials;
            if (counts.Running + counts.Paused + counts.Completed + counts.Stopped + counts.Failed >= trials)
            {
                return;
            }

            await Task.Delay(20, Token); // a look at how far it is, not a wait for something to be over
        }
    }

    private static async Task<SweepStatus> StatusAsync(ISweepHandle sweep)
    {
        var status = await sweep.GetStatusAsync(Token);
        Assert.True(status.Phase != SweepPhase.Failed, status.StopReason);
        return status;
    }

    private static async Task EndedAsync(ISweepHandle sweep)
    {
        while ((await StatusAsync(sweep)).Phase != SweepPhase.Completed)
        {
            await Task.Delay(20, Token);
        }
    }

    private static async Task AssertWholeAsync(ISweepHandle sweep, int count)
    {
        var trials = await sweep.GetTrialsAsync(Token);
        Assert.Equal(Enumerable.Range(1, count), trials.Select(trial => trial.Number));
        Assert.All(trials, trial =>
        {
            Assert.True(trial.State is TrialState.Completed or TrialState.Stopped, $"trial {trial.Number} is {trial.State}: {trial.Error}");
            Assert.Equal(Enumerable.Range(1, trial.Epochs), trial.Reports.Select(report => report.Epoch));
            Assert.Equal(1, trial.Attempts);
        });
        Assert.Equal(count, trials.Select(trial => trial.Parameters).Distinct().Count());
        Assert.Contains(trials, trial => trial.State == TrialState.Completed);
    }

    // Every slot is held, the runs wait, and slots are freed on all silos at once, again and again.
    private async Task<IReadOnlyList<TimeSpan>> WaitAsync(int silos, int slots, int runs)
    {
        await using var cluster = await SimulatedCluster.StartAsync(redis.Connection, silos, slots, Token);
        var gangs = cluster.Grains.GetGrain<IGangPlacementGrain>(0);
        var held = await Task.WhenAll(Enumerable.Range(0, silos * slots).Select(holder => gangs.RequestAsync(Request($"holder-{holder}", 0), Token)));
        Assert.DoesNotContain(null, held);
        using var done = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var (clock, looks, grants) = (Stopwatch.StartNew(), cluster.Silos.Looks, Channel.CreateUnbounded<(int Run, TimeSpan At)>());
        var waiting = Task.WhenAll(Enumerable.Range(1, runs).Select(run => AwaitAsync(gangs, run, _ => grants.Writer.TryWrite((run, clock.Elapsed)), done.Token)));

        var latencies = new List<TimeSpan>();
        foreach (var (burst, holders) in Enumerable.Range(0, silos * slots).Chunk(silos).Index())
        {
            var freed = clock.Elapsed;
            foreach (var holder in holders)
            {
                cluster.Silos.LedgerOf(held[holder]![0].Silo).Release($"holder-{holder}", 1);
            }

            var granted = new List<int>();
            while (granted.Count < holders.Length)
            {
                var (run, at) = await grants.Reader.ReadAsync(Token);
                granted.Add(run);
                latencies.Add(at - freed);
            }

            Assert.Equal(Enumerable.Range((burst * silos) + 1, silos), granted.Order());
        }

        await done.CancelAsync();
        await waiting;
        latencies.Sort();
        var (rounds, seconds) = ((cluster.Silos.Looks - looks) / (double)silos, clock.Elapsed.TotalSeconds);
        Print($"{runs} runs that wait for {silos * slots} slots of {silos} silos: granted within {latencies[latencies.Count / 2].TotalMilliseconds:0} ms (half), {latencies[(int)(0.99 * latencies.Count)].TotalMilliseconds:0} ms (99 of 100); {rounds / seconds:0.0} rounds a second");
        Assert.InRange(rounds, 1, 10 + (seconds / 0.1));
        return latencies;
    }

    private static async Task AwaitAsync(IGangPlacementGrain gangs, int run, Action<int> granted, CancellationToken cancellationToken)
    {
        try
        {
            while (await gangs.AwaitAsync(Request($"run-{run}", run), TimeSpan.FromSeconds(10), cancellationToken) is null)
            {
            }

            granted(run);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    private static GangRequest Request(string run, int submitted) => new(run, 1, 1, 1, DateTimeOffset.UnixEpoch.AddSeconds(submitted), []);

    private async Task<long> InfoAsync(string section, string field)
    {
        var server = redis.Connection.GetServers()[0];
        var values = await server.InfoAsync(section);
        return long.Parse(values.SelectMany(group => group).Single(pair => pair.Key == field).Value, CultureInfo.InvariantCulture);
    }

    private static void Print(FormattableString line) => TestContext.Current.TestOutputHelper!.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
