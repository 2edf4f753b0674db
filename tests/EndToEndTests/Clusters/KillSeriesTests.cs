using System.Text.Json;
using Lcnn.Distributed.EndToEndTests.Data;

namespace Lcnn.Distributed.EndToEndTests.Clusters;

/// <summary>Silos killed at random moments one after the other, and started again, in one run.</summary>
public sealed class KillSeriesTests
{
    private const int Seed = 30;
    private const int Kills = 10;
    private static readonly Training _training = new(epochs: 2, samples: 60_000, snapshotEvery: 40, "--dataset", "fashion-mnist");
    private readonly Random _draws = new(Seed);

    [Theory]
    [InlineData("worker")]
    [InlineData("coordinator")]
    [InlineData("in turn")]
    public async Task Kill9_TenTimesOnFashionMnist_ChangesNothingButTheTime(string victims)
    {
        TestTier.SkipUnlessLong();
        FashionMnist.SkipIfMissing();
        await using var run = await DisturbedRun.StartAsync(_training, silos: 2);
        var whole = await run.Train.WaitForEventAsync("started");
        Tell("kill | silo of | at step | new generation | from step | replayed | s to generation | s to first step again | s to lost step");
        for (var kill = 0; kill < Kills; kill++)
        {
            whole = await KillAsync(run, kill, victims == "coordinator" || (victims == "in turn" && kill % 2 == 0), whole);
        }

        var changes = await run.AssertUndisturbedResultAsync();
        Assert.True(changes.Count >= Kills, $"{changes.Count} changes of membership");
    }

    // Returns the change of membership after which the run has all its workers again.
    private async Task<JsonElement> KillAsync(DisturbedRun run, int kill, bool isCoordinators, JsonElement whole)
    {
        await run.WaitForStepAsync(DrawStep(run, whole));
        var (coordinator, other) = run.Roles();
        var (victim, survivor) = isCoordinators ? (coordinator, other) : (other, coordinator);
        var generation = whole.Whole("generation");

        var start = DateTimeOffset.UtcNow;
        victim.Kill9();
        var again = FirstStepAgainAsync(survivor, run.AddSiloAsync(), generation);
        var change = await run.Train.WaitForEventAsync(line => line.Kind == "generation" && line.Whole("generation") > generation);
        var newest = change.Whole("fromStep") + change.Whole("replayedSteps");
        var lost = await run.Train.WaitForEventAsync(line => line.Kind == "step" && line.Whole("step") == newest + 1);

        Tell($"{kill + 1} | {(isCoordinators ? "coordinator" : "worker")} | {newest} | {change.Whole("generation")} | {change.Whole("fromStep")} | " +
            $"{change.Whole("replayedSteps")} | {After(start, Time(change)):0.0} | {After(start, await again):0.0} | {After(start, Time(lost)):0.0}");
        Assert.True(change.Whole("replayedSteps") > 0, $"{change}");
        Assert.NotEqual(0, newest % StepsPerEpoch(run));
        return await run.Train.WaitForEventAsync(line =>
            line.Kind == "generation" && line.Whole("generation") > generation && line.GetProperty("ranks").GetArrayLength() == DisturbedRun.Workers);
    }

    private static async Task<DateTimeOffset> FirstStepAgainAsync(SiloProcess survivor, Task<SiloProcess> replacement, long after)
    {
        await Task.WhenAny(survivor.WaitForFirstStepAsync(after), OnReplacementAsync());
        return DateTimeOffset.UtcNow;

        async Task OnReplacementAsync() => await (await replacement).WaitForFirstStepAsync(after);
    }

    // Between two snapshots and away from the end of an epoch, so that something is lost.
    private long DrawStep(DisturbedRun run, JsonElement whole)
    {
        var (every, perEpoch) = (run.Training.SnapshotEvery, StepsPerEpoch(run));
        var from = whole.Kind == "generation" ? whole.Whole("fromStep") : 0;
        var step = ((from / every) + 1) * every + _draws.Next(every / 5, every * 4 / 5);
        while (step % perEpoch < 2 || step % perEpoch > perEpoch - 3)
        {
            step++;
        }

        return step;
    }

    private static long StepsPerEpoch(DisturbedRun run) => run.Train.OfKind("started")[0].Whole("stepsPerEpoch");

    // When the coordinator had it, not when a watcher that lost its gateway heard of it.
    private static DateTimeOffset Time(JsonElement runEvent) => runEvent.GetProperty("time").GetDateTimeOffset();

    private static double After(DateTimeOffset start, DateTimeOffset time) => (time - start).TotalSeconds;

    private static void Tell(string line) => TestContext.Current.TestOutputHelper?.WriteLine(line);
}
