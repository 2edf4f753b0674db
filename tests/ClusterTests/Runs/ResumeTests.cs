using Lcnn.Distributed.Client;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.ClusterTests.Runs;

[Collection(nameof(ClusterFixture))]
public sealed class ResumeTests(ClusterFixture cluster)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Resume_MoreEpochsUnderAFinishedCosine_KeepsTheRestAndWarnsOfTheRate()
    {
        var first = await cluster.CompleteAsync(cluster.SmallSpec() with { Schedule = "cosine", Momentum = 0.5, Transport = "grain" });

        var run = await cluster.Client.ResumeAsync(first.Spec.OutputDirectory, spec => spec with { Epochs = 4 }, Token);

        var events = await run.EventsAsync();
        var warning = Assert.Single(events.OfType<RunWarning>()).Message;
        Assert.Matches("took 2: the learning rate was 0.0146 at the snapshot .step 4. and goes on at 0.05. .*--schedule-epochs 2", warning);
        var started = Assert.Single(events.OfType<RunStarted>());
        Assert.Equal((4, 0.5, "grain", 4), (started.ResumedAtStep, started.Spec.Momentum, started.Spec.Transport, started.Spec.Epochs));
        Assert.Equal(0.05, events.OfType<StepCompleted>().First().LearningRate, tolerance: 1e-12);
    }

    [Fact]
    public async Task Resume_MoreEpochsUnderTheOldSchedule_StaysAtItsLastRate()
    {
        var first = await cluster.CompleteAsync(cluster.SmallSpec() with { Schedule = "cosine" });

        var run = await cluster.Client.ResumeAsync(first.Spec.OutputDirectory, spec => spec with { Epochs = 3, ScheduleEpochs = 2 }, Token);

        var events = await run.EventsAsync();
        Assert.DoesNotContain(events.OfType<RunWarning>(), warning => warning.Message.Contains("learning rate", StringComparison.Ordinal));
        Assert.All(events.OfType<StepCompleted>(), step => Assert.Equal(0.0146, step.LearningRate, tolerance: 1e-4));
        Assert.Equal(3, Assert.IsType<RunCompleted>(events[^1]).Epochs);
    }

    [Fact]
    public async Task Resume_OfARunThatPausedForASweep_TrainsOnToTheEnd()
    {
        var spec = cluster.SmallSpec() with { Epochs = 3, PauseAfterEpoch = 1 };
        var paused = await cluster.Client.StartAsync(spec, Token);
        Assert.IsType<RunCancelled>(await paused.EndAsync());

        var run = await cluster.Client.ResumeAsync(spec.OutputDirectory, cancellationToken: Token);

        var whole = await cluster.CompleteAsync(spec with { PauseAfterEpoch = 0, OutputDirectory = cluster.NewFolder() });
        Assert.Equal(whole.WeightsSha256, Assert.IsType<RunCompleted>(await run.EndAsync()).WeightsSha256);
    }

    [Fact]
    public async Task Resume_NothingToGoOnFrom_IsRefusedByName()
    {
        var folder = cluster.NewFolder();

        var refused = await Assert.ThrowsAsync<InvalidSpecException>(() => cluster.Client.ResumeAsync(folder, cancellationToken: Token));

        Assert.Contains(folder, refused.Message, StringComparison.Ordinal);
    }
}
