using Lcnn.Distributed.Client.Sweeps;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.ClusterTests.Sweeps;

/// <summary>A run whose answer no sweep can deal with, in the place of whatever is not foreseen.</summary>
[Collection(nameof(ClusterFixture))]
public sealed class SweepFailureTests(ClusterFixture cluster)
{
    private static readonly RunProgress _poison = new() { Phase = RunPhase.Training, Epochs = [null!] };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Scheduling_FailingAgainAndAgainAtOneTrial_EndsTheSweepWithItsReason()
    {
        cluster.Gates.Answer("poisoned-0002", nameof(IRunCoordinatorGrain.GetProgressAsync), () => _poison);
        var sweep = await StartAsync("poisoned", secondTrialEpochs: 1_000_000);

        var failed = Assert.IsType<SweepFailed>(await sweep.WaitAsync(Token).WaitAsync(RunWatch.Patience, Token));

        Assert.StartsWith(
            "sweep poisoned could not be scheduled: 3 tries in a row failed without progress, the last at trial 2: NullReferenceException: ",
            failed.Error, StringComparison.Ordinal);
        Assert.Equal([TrialState.Completed, TrialState.Stopped], failed.Trials.Select(trial => trial.State));
        Assert.NotNull(failed.Trials[0].WeightsSha256);
        var status = await sweep.GetStatusAsync(Token);
        Assert.Equal((SweepPhase.Failed, failed.Error, failed.Sequence), (status.Phase, status.StopReason, status.LastSequence));
        var cancelled = Assert.IsType<RunCancelled>(await cluster.Client.Find("poisoned-0002").EndAsync());
        Assert.Equal("sweep poisoned failed", cancelled.Reason);
        await sweep.StopAsync("too late", Token);
        Assert.Equal(failed.Sequence, (await sweep.GetStatusAsync(Token)).LastSequence);
    }

    [Fact]
    public async Task Scheduling_FailingTwice_GoesOnFromItsRecordToTheEnd()
    {
        var failures = 2;
        cluster.Gates.Answer("shaken-0002", nameof(IRunCoordinatorGrain.GetProgressAsync), () => Interlocked.Decrement(ref failures) >= 0 ? _poison : null);
        var sweep = await StartAsync("shaken", secondTrialEpochs: 3);

        var completed = Assert.IsType<SweepCompleted>(await sweep.WaitAsync(Token).WaitAsync(RunWatch.Patience, Token));

        Assert.True(failures < 0);
        Assert.All(completed.Trials, trial => Assert.Equal((TrialState.Completed, 1), (trial.State, trial.Attempts)));
        Assert.Null(completed.StopReason);
    }

    private async Task<ISweepHandle> StartAsync(string id, int secondTrialEpochs)
    {
        var spec = new SweepSpec
        {
            Base = cluster.SmallSpec(),
            Parameters = [ParameterSpec.OneOf("epochs", 2, secondTrialEpochs)],
            OutputDirectory = cluster.NewFolder(),
            MaxConcurrent = 1,
        };
        await cluster.Grains.GetGrain<ISweepGrain>(id).StartAsync(spec, Token);
        return await cluster.Client.FindSweepAsync(id, Token);
    }
}
