using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.ClusterTests.Runs;

[Collection(nameof(ClusterFixture))]
public sealed class StartTests(ClusterFixture cluster)
{
    [Fact]
    public async Task Start_TwiceWithTheSameId_IsOneRun()
    {
        var spec = cluster.SmallSpec();
        var run = await cluster.StartAsync("twice", spec);
        await cluster.StartAsync("twice", spec);
        var live = await run.EventsAsync();

        await cluster.StartAsync("twice", spec);

        Assert.Single(live.OfType<RunStarted>());
        Assert.Equal(live[^1].Sequence, (await run.GetStatusAsync(TestContext.Current.CancellationToken)).LastSequence);
    }

    [Fact]
    public async Task Start_UnderAnIdThatIsTaken_FindsTheRunOrIsRefused()
    {
        var spec = cluster.SmallSpec();
        var run = await cluster.Client.StartAsync(spec, "chosen", TestContext.Current.CancellationToken);
        var end = await run.EndAsync();

        var again = await cluster.Client.StartAsync(spec with { ResumeFrom = spec.OutputDirectory }, "chosen", TestContext.Current.CancellationToken);
        var refused = await Assert.ThrowsAsync<RunExistsException>(() => cluster.Client.StartAsync(spec with { Epochs = 3, OutputDirectory = "/elsewhere" }, "chosen", TestContext.Current.CancellationToken));

        var found = await again.EndAsync();
        Assert.Equal(("chosen", end.GetType(), end.Sequence), (again.Id, found.GetType(), found.Sequence));
        Assert.Equal(spec, await again.GetSpecAsync(TestContext.Current.CancellationToken));
        Assert.Equal(
            $"run chosen was started with another spec: --epochs was 2, now 3; --out was {spec.OutputDirectory}, now /elsewhere; give this one another id", refused.Message);
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("")]
    public async Task Start_UnderAnIdThatIsNone_IsRefused(string id)
    {
        var run = await Assert.ThrowsAsync<InvalidSpecException>(() => cluster.Client.StartAsync(cluster.SmallSpec(), id, TestContext.Current.CancellationToken));
        var sweep = await Assert.ThrowsAsync<InvalidSpecException>(() => cluster.Client.StartSweepAsync(
            new SweepSpec { Base = cluster.SmallSpec(), Parameters = [ParameterSpec.OneOf("lr", 0.1)] }, id, TestContext.Current.CancellationToken));

        Assert.Equal(("id", "id"), (Assert.Single(run.Problems).Field, Assert.Single(sweep.Problems).Field));
    }

    [Fact]
    public async Task Start_SpecWithSeveralProblems_NamesAllAndStartsNothing()
    {
        var spec = cluster.SmallSpec() with { Dataset = "digitz", Epochs = 0, LearningRate = double.NaN, LogicalShards = 3 };

        var byClient = await Assert.ThrowsAsync<InvalidSpecException>(
            () => cluster.Client.StartAsync(spec, TestContext.Current.CancellationToken));
        var byGrain = await Assert.ThrowsAsync<InvalidSpecException>(() => cluster.StartAsync("unfit", spec));

        Assert.Equal(["Dataset", "Epochs", "LearningRate", "LogicalShards"], byClient.Problems.Select(problem => problem.Field));
        Assert.Equal(byClient.Problems, byGrain.Problems);
        Assert.Equal(byClient.Message, byGrain.Message);
        var status = await cluster.Client.Find("unfit").GetStatusAsync(TestContext.Current.CancellationToken);
        Assert.Equal((RunPhase.Unknown, 0L), (status.Phase, status.LastSequence));
        Assert.Empty(Directory.GetFileSystemEntries(spec.OutputDirectory));
    }

    [Fact]
    public async Task Status_OfACompletedRun_TellsEveryPhase()
    {
        var id = "phases";
        var gate = cluster.Gates.Hold(id, "JoinAsync");
        var run = cluster.Client.Find(id);
        var before = await run.GetStatusAsync(TestContext.Current.CancellationToken);
        await cluster.StartAsync(id, cluster.SmallSpec());
        await gate.Reached;
        var joining = await run.GetStatusAsync(TestContext.Current.CancellationToken);
        using var began = cluster.Gates.Hold(id, "BeginAsync");
        gate.Dispose();
        await began.Reached;
        var training = await run.GetStatusAsync(TestContext.Current.CancellationToken);
        began.Dispose();
        await run.EndAsync();
        var after = await run.GetStatusAsync(TestContext.Current.CancellationToken);

        Assert.Equal(new RunStatus(id, RunPhase.Unknown, 0, 0, 0), before);
        Assert.Equal(new RunStatus(id, RunPhase.Starting, 0, 0, 0, Generation: 1, Workers: 2), joining);
        Assert.Equal(new RunStatus(id, RunPhase.Training, 0, 4, 1, Generation: 1, Workers: 2), training);
        Assert.Equal(new RunStatus(id, RunPhase.Completed, 4, 4, 10, Generation: 1, Workers: 2), after);
    }

    [Fact]
    public async Task Started_TwoWorkers_TellsWhoComputesWhat()
    {
        var run = await cluster.Client.StartAsync(cluster.SmallSpec() with { LogicalShards = 4, BatchSize = 16 }, TestContext.Current.CancellationToken);

        var started = (RunStarted)(await run.EventsAsync())[0];

        Assert.Equal([(0, 0, 2), (1, 2, 2)], started.Ranks.Select(rank => (rank.Rank, rank.FirstShard, rank.ShardCount)));
        Assert.Equal((64, 360, 4, 8L, "shard"), (started.TrainSamples, started.TestSamples, started.StepsPerEpoch, started.TotalSteps, started.BatchNorm));
        Assert.True(started.ParameterCount > 0);
        Assert.NotEmpty(started.Fingerprint);
    }
}
