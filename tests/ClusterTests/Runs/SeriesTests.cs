using Lcnn.Distributed.Client;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Data.Series;

namespace Lcnn.Distributed.ClusterTests.Runs;

/// <summary>The history of a run in its folder.</summary>
[Collection(nameof(ClusterFixture))]
public sealed class SeriesTests(ClusterFixture cluster)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task History_OfARun_IsItsLog()
    {
        var run = await cluster.Client.StartAsync(cluster.SmallSpec(), Token);

        var events = await run.EventsAsync();

        var spec = await run.GetSpecAsync(Token);
        var steps = events.OfType<StepCompleted>().ToList();
        var blocks = SeriesFile.Read(PathIn(spec)).ToList();
        Assert.Equal(steps.Select(step => step.Step), blocks.SelectMany(block => block.Steps));
        Assert.Equal(steps.Select(step => (float)step.Loss), blocks.SelectMany(block => block.Values[0]));
        var notes = blocks.SelectMany(block => block.Notes).Select(note => RunEventJson.Deserialize(note.Json)).ToList();
        Assert.IsType<RunStarted>(notes[0]);
        Assert.Equal(2, notes.OfType<EpochCompleted>().Count());
        var completed = Assert.IsType<RunCompleted>(notes[^1]);
        Assert.Equal(((RunCompleted)events[^1]).WeightsSha256, completed.WeightsSha256);
        CheckTimes([.. notes.OfType<EpochCompleted>()], completed, steps.Count);
        Assert.Equal(
            events.Where(logged => logged is not (StepCompleted or EvaluationProgressed)).Select(logged => (logged.GetType(), logged.Sequence)),
            (await run.GetHistoryAsync(0, Token)).Select(logged => (logged.GetType(), logged.Sequence)));
        var first = events.OfType<EpochCompleted>().First().Sequence;
        Assert.Equal(
            events.Where(logged => logged is not (StepCompleted or EvaluationProgressed) && logged.Sequence > first).Select(logged => logged.Sequence),
            (await run.GetHistoryAsync(first, Token)).Select(logged => logged.Sequence));
        Assert.Empty(await run.GetHistoryAsync(events[^1].Sequence, Token));
        var window = await run.GetSeriesAsync(new SeriesQuery { Fields = ["loss", "learningRate"] }, Token);
        Assert.Equal(steps.Select(step => step.Step), window.Steps);
        Assert.Equal(steps.Select(step => (double)(float)step.Loss), window.Columns[0].Mean);
        Assert.Equal(steps.Select(step => step.Time.ToUnixTimeMilliseconds()), window.Times);
    }

    // Phases may overlap, but none is longer than the steps, and what the leading rank says of epochs adds up to what it says at the end.
    private static void CheckTimes(IReadOnlyList<EpochCompleted> epochs, RunCompleted completed, int steps)
    {
        Assert.All(epochs, epoch =>
        {
            Assert.NotEmpty(epoch.Layers!);
            Assert.Equal((epoch.Beta!.Maximum, epoch.Gamma!.Minimum), (epoch.Layers!.Max(layer => layer.Beta), epoch.Layers!.Min(layer => layer.Gamma)));
            Assert.InRange(epoch.StepTimes!.Forward + epoch.StepTimes.Backward, double.Epsilon, epoch.StepTimes.Step);
            Assert.InRange(epoch.StepTimes.Wait, 0, epoch.StepTimes.Step);
        });
        var perEpoch = steps / epochs.Count;
        Assert.Equal(completed.Ranks[0].StepSeconds, epochs.Sum(epoch => perEpoch * epoch.StepTimes!.Step), 9);
        Assert.All(completed.Ranks, rank => Assert.Equal(rank.Samples, rank.TimedSamples));
    }

    // The log forgets, and so may all silos.
    [Fact]
    public async Task Series_OfALogThatHasForgotten_AreWhole()
    {
        var run = await cluster.Client.StartAsync(cluster.SmallSpec(), Token);
        await run.EventsAsync();
        var before = await run.GetSeriesAsync(new SeriesQuery(), Token);

        await cluster.CutLogAsync<RunEvent>(run.Id, keep: 1, cluster.Grains.GetGrain<IRunCoordinatorGrain>(run.Id));

        var after = await run.GetSeriesAsync(new SeriesQuery(), Token);
        Assert.Equal(4, before.Steps.Count);
        Assert.Equal(before.Columns.SelectMany(column => column.Mean), after.Columns.SelectMany(column => column.Mean));
    }

    [Fact]
    public async Task Series_WithoutTheFile_AreThoseOfTheLog()
    {
        var run = await cluster.Client.StartAsync(cluster.SmallSpec(), Token);
        await run.EventsAsync();
        var whole = await run.GetSeriesAsync(new SeriesQuery(), Token);

        File.Delete(PathIn(await run.GetSpecAsync(Token)));

        var rest = await run.GetSeriesAsync(new SeriesQuery(), Token);
        Assert.Equal(whole.Columns.SelectMany(column => column.Mean), rest.Columns.SelectMany(column => column.Mean));
    }

    [Fact]
    public async Task History_OfARunThatWentBack_IsCutAndKeptWithWhatWasSetAside()
    {
        var first = await cluster.CompleteAsync(cluster.SmallSpec());
        var folder = first.Spec.OutputDirectory;
        var early = SnapshotStore.List(folder)[^1];
        var run = await cluster.Client.StartAsync(first.Spec with { Epochs = 3, LearningRate = 0.01, ResumeFrom = Path.Combine(folder, early.ToString()) }, Token);

        var events = await run.EventsAsync();

        Assert.Equal([1, 2, 3, 4, 5, 6], SeriesFile.Read(PathIn(first.Spec)).SelectMany(block => block.Steps));
        var window = await run.GetSeriesAsync(new SeriesQuery { Fields = ["loss"] }, Token);
        Assert.Equal(events.OfType<StepCompleted>().Select(step => (double)(float)step.Loss), window.Columns[0].Mean.Skip(2));
        var aside = Assert.Single(events.OfType<SnapshotsSetAside>()).Folder;
        Assert.Equal([1, 2, 3, 4], SeriesFile.Read(Path.Combine(aside, SnapshotFiles.Series)).SelectMany(block => block.Steps));
    }

    // One that goes on from another folder's snapshot where there is a run already.
    [Fact]
    public async Task History_OfAFolderWhereARunWasRefused_IsAsItWas()
    {
        var (kept, other) = (await cluster.CompleteAsync(cluster.SmallSpec()), await cluster.CompleteAsync(cluster.SmallSpec()));
        var before = await File.ReadAllBytesAsync(PathIn(kept.Spec), Token);

        var refused = await cluster.Client.StartAsync(
            kept.Spec with { Epochs = 3, ResumeFrom = Path.Combine(other.Spec.OutputDirectory, SnapshotStore.List(other.Spec.OutputDirectory)[0].ToString()) }, Token);

        Assert.Contains("none of its snapshots", Assert.IsType<RunFailed>(await refused.WaitAsync(Token)).Error, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(PathIn(kept.Spec), Token));
        Assert.IsType<RunFailed>((await refused.GetHistoryAsync(0, Token))[^1]);
    }

    [Fact]
    public async Task Series_OfNoRunOrAnOddQuery_SaysSo()
    {
        var run = await cluster.Client.StartAsync(cluster.SmallSpec(), Token);
        await run.EventsAsync();

        await Assert.ThrowsAsync<RunNotFoundException>(() => cluster.Client.Find("nobody").GetSeriesAsync(new SeriesQuery(), Token));
        Assert.Contains("lost", (await Assert.ThrowsAsync<InvalidSpecException>(() => run.GetSeriesAsync(new SeriesQuery { Fields = ["lost"] }, Token))).Message, StringComparison.Ordinal);
    }

    private static string PathIn(RunSpec spec) => Path.Combine(spec.OutputDirectory, SnapshotFiles.Series);
}
