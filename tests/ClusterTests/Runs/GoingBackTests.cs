using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Data.Checkpoints;

namespace Lcnn.Distributed.ClusterTests.Runs;

[Collection(nameof(ClusterFixture))]
public sealed class GoingBackTests(ClusterFixture cluster)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Run_ResumedFromAnEarlierSnapshot_FolderHoldsWhatItReports(int epochs)
    {
        var first = await cluster.Client.StartAsync(cluster.SmallSpec(), Token);
        var longer = Assert.IsType<RunCompleted>(await first.EndAsync());
        var folder = longer.Spec.OutputDirectory;
        var names = SnapshotStore.List(folder);
        var run = await cluster.Client.StartAsync(
            longer.Spec with { Epochs = epochs, ResumeFrom = Path.Combine(folder, names[1].ToString()) }, Token);

        var events = await run.EventsAsync();

        var completed = Assert.IsType<RunCompleted>(events[^1]);
        AssertHolds(folder, completed);
        Assert.Equal(epochs == 2, completed.WeightsSha256 == longer.WeightsSha256);
        var aside = Assert.Single(events.OfType<SnapshotsSetAside>());
        Assert.Equal((2L, names[0].ToString()), (aside.FromStep, Assert.Single(aside.Snapshots)));
        AssertHolds(aside.Folder, longer);
        var fetched = await first.Snapshots.ListAsync(Token);
        Assert.Equal((names[0].ToString(), longer.WeightsSha256), (fetched[0].Name, fetched[0].WeightsSha256));
        Assert.Equal(completed.WeightsSha256, (await run.Snapshots.ListAsync(Token))[0].WeightsSha256);
    }

    [Fact]
    public async Task Run_ResumedWithNothingToDo_KeepsItsFolderAsItReports()
    {
        var first = await cluster.CompleteAsync(cluster.SmallSpec());
        var again = first.Spec with { ResumeFrom = first.Spec.OutputDirectory };

        var second = await cluster.CompleteAsync(again);
        var run = await cluster.Client.StartAsync(again, Token);

        var events = await run.EventsAsync();
        Assert.Empty(events.OfType<SnapshotsSetAside>());
        var third = Assert.IsType<RunCompleted>(events[^1]);
        Assert.Equal([first.WeightsSha256, first.WeightsSha256], [second.WeightsSha256, third.WeightsSha256]);
        AssertHolds(first.Spec.OutputDirectory, third);
        var committed = Assert.Single(events.OfType<SnapshotCommitted>());
        Assert.Equal(committed.Path, SnapshotStore.FindNewest(first.Spec.OutputDirectory, warning => Assert.Fail(warning)).Folder);
    }

    [Fact]
    public async Task Run_ResumedIntoTheFolderOfAnother_FailsAsBadInputAndLeavesItsSnapshots()
    {
        var (source, other) = (await cluster.CompleteAsync(cluster.SmallSpec()), await cluster.CompleteAsync(cluster.SmallSpec()));
        var before = Directory.GetFileSystemEntries(other.Spec.OutputDirectory, "*", SearchOption.AllDirectories);
        var run = await cluster.Client.StartAsync(other.Spec with { Epochs = 3, ResumeFrom = source.Spec.OutputDirectory }, Token);

        var failed = Assert.IsType<RunFailed>(Assert.Single(await run.EventsAsync()));

        Assert.True(failed.BadInput);
        Assert.Contains($"{other.Spec.OutputDirectory} already holds a run", failed.Error, StringComparison.Ordinal);
        Assert.Equal(before, Directory.GetFileSystemEntries(other.Spec.OutputDirectory, "*", SearchOption.AllDirectories));
    }

    // By every way to it: "latest", the model file, the report.
    private static void AssertHolds(string folder, RunCompleted completed)
    {
        var newest = SnapshotStore.FindNewest(folder, warning => Assert.Fail(warning));
        Assert.Equal((completed.Steps, completed.WeightsSha256), (newest.Step, newest.WeightsSha256));
        Assert.Equal(Path.GetFileName(newest.Folder), File.ReadAllText(Path.Combine(folder, "latest")).Trim());
        Assert.Equal(completed.WeightsSha256, WeightsHash.ComputeFile(Path.Combine(folder, "model.safetensors")));
        var report = Assert.IsType<RunCompleted>(RunEventJson.Deserialize(File.ReadAllText(Path.Combine(folder, "report.json"))));
        Assert.Equal((completed.RunId, completed.WeightsSha256), (report.RunId, report.WeightsSha256));
    }
}
