using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.ClusterTests.Runs;

[Collection(nameof(ClusterFixture))]
public sealed class FailureTests(ClusterFixture cluster)
{
    [Fact]
    public async Task Run_DataDirectoryWithoutFiles_FailsAsBadInputBeforeTraining()
    {
        var folder = cluster.NewFolder();
        var run = await cluster.Client.StartAsync(
            cluster.SmallSpec() with { Dataset = "mnist", DataDirectory = folder }, TestContext.Current.CancellationToken);

        var failed = Assert.IsType<RunFailed>(Assert.Single(await run.EventsAsync()));

        Assert.True(failed.BadInput);
        Assert.Contains(folder, failed.Error, StringComparison.Ordinal);
        Assert.Equal(RunPhase.Failed, (await run.GetStatusAsync(TestContext.Current.CancellationToken)).Phase);
    }

    [Fact]
    public async Task Run_NetworkTooLargeForTheImages_FailsAsBadInput()
    {
        var run = await cluster.Client.StartAsync(cluster.SmallSpec() with { Architecture = "vgg11-lcnn" }, TestContext.Current.CancellationToken);

        var failed = Assert.IsType<RunFailed>(Assert.Single(await run.EventsAsync()));

        Assert.True(failed.BadInput);
        Assert.Contains("vgg11-lcnn", failed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_Diverging_NamesWhereAndKeepsItsLastSnapshot()
    {
        // Weight decay alone multiplies every weight by -1e6 a step, so that 32 bits overflow within seven.
        var spec = cluster.EndlessSpec() with { Architecture = "resnet8", Loss = "ce", LearningRate = 1e3, WeightDecay = 1e3, Momentum = 0 };
        var run = await cluster.Client.StartAsync(spec, TestContext.Current.CancellationToken);

        var events = await run.EventsAsync();

        var failed = Assert.IsType<RunFailed>(events[^1]);
        Assert.False(failed.BadInput);
        Assert.Matches("rank [01]: .*((the gradient|'.+') of layer '.+' is not finite|the loss is NaN)", failed.Error);
        Assert.Equal(events.OfType<SnapshotCommitted>().Last().Path, failed.Snapshot);
        Assert.True(Directory.Exists(failed.Snapshot));
    }

    [Fact]
    public async Task Run_DivergingInItsLastUpdate_FailsInsteadOfCompleting()
    {
        var spec = cluster.SmallSpec() with { Epochs = 1, Architecture = "resnet8", Loss = "ce", LearningRate = 1e3, WeightDecay = 1e3, Momentum = 0 };
        var run = await cluster.Client.StartAsync(spec, TestContext.Current.CancellationToken);

        var events = await run.EventsAsync();

        Assert.Equal(2, events.OfType<StepCompleted>().Count());
        Assert.Empty(events.OfType<EpochCompleted>());
        var failed = Assert.IsType<RunFailed>(events[^1]);
        Assert.Matches("rank [01]: step 2: ('.+' of layer '.+' is not finite|the loss on the test set is NaN); lower --lr", failed.Error);
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 2)]
    public async Task Run_ResumedWithFewerEpochsThanDone_FailsAsBadInput(int epochs, int done)
    {
        var first = await cluster.CompleteAsync(cluster.SmallSpec() with { Epochs = done });
        var again = cluster.SmallSpec() with { Epochs = epochs, ResumeFrom = first.Spec.OutputDirectory };

        var run = await cluster.Client.StartAsync(again, TestContext.Current.CancellationToken);

        var end = await run.EndAsync();
        if (epochs < done)
        {
            var failed = Assert.IsType<RunFailed>(end);
            Assert.True(failed.BadInput);
            Assert.Contains("4 steps", failed.Error, StringComparison.Ordinal);
        }
        else
        {
            var completed = Assert.IsType<RunCompleted>(end);
            Assert.Equal(first.WeightsSha256, completed.WeightsSha256);
            Assert.Equal((first.TestAccuracy, first.TestLoss), (completed.TestAccuracy, completed.TestLoss));
        }
    }

    [Fact]
    public async Task Run_ResumedUnderAnotherSpec_FailsAsBadInputNamingTheDifference()
    {
        var first = await cluster.CompleteAsync(cluster.SmallSpec());
        var run = await cluster.Client.StartAsync(
            cluster.SmallSpec() with { Seed = 7, ResumeFrom = first.Spec.OutputDirectory }, TestContext.Current.CancellationToken);

        var failed = Assert.IsType<RunFailed>(Assert.Single(await run.EventsAsync()));

        Assert.True(failed.BadInput);
        Assert.Contains("--seed was 1729, now 7", failed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_IntoTheFolderOfAnother_FailsAsBadInputAndLeavesItsSnapshots()
    {
        var first = await cluster.CompleteAsync(cluster.SmallSpec());
        var folders = Directory.GetDirectories(first.Spec.OutputDirectory);
        var run = await cluster.Client.StartAsync(first.Spec with { Seed = 7 }, TestContext.Current.CancellationToken);

        var failed = Assert.IsType<RunFailed>(Assert.Single(await run.EventsAsync()));

        Assert.True(failed.BadInput);
        Assert.Contains($"{first.Spec.OutputDirectory} already holds a run", failed.Error, StringComparison.Ordinal);
        Assert.Equal(folders, Directory.GetDirectories(first.Spec.OutputDirectory));
    }

    [Fact]
    public async Task Run_ReportCannotBeWritten_CompletesWithAWarning()
    {
        var spec = cluster.SmallSpec();
        Directory.CreateDirectory(Path.Combine(spec.OutputDirectory, "report.json"));
        var run = await cluster.Client.StartAsync(spec, TestContext.Current.CancellationToken);

        var events = await run.EventsAsync();

        Assert.Contains("report.json", Assert.Single(events.OfType<RunWarning>()).Message, StringComparison.Ordinal);
        Assert.IsType<RunCompleted>(events[^1]);
    }
}
