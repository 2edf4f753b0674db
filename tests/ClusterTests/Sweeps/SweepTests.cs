using System.Text.Json;
using Lcnn.Distributed.Client.Sweeps;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.ClusterTests.Sweeps;

[Collection(nameof(ClusterFixture))]
public sealed class SweepTests(ClusterFixture cluster)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Grid_EveryCell_IsOnceInTheResultAndEqualToItsRunAlone()
    {
        var spec = SmallSweep() with { Parameters = [ParameterSpec.OneOf("lr", 0.05, 0.1), ParameterSpec.OneOf("batchSize", 16, 32)] };

        var (sweep, completed) = await CompleteAsync(spec);

        Assert.Equal([1, 2, 3, 4], completed.Trials.Select(trial => trial.Number));
        Assert.All(completed.Trials, trial => Assert.Equal((TrialState.Completed, 2, 1), (trial.State, trial.Epochs, trial.Attempts)));
        Assert.Equal(4, completed.Trials.Select(trial => trial.Parameters).Distinct().Count());
        foreach (var trial in completed.Trials)
        {
            var alone = await cluster.CompleteAsync(spec.SpecOf(trial.Number, trial.Parameters) with { OutputDirectory = cluster.NewFolder() });
            Assert.Equal(alone.WeightsSha256, trial.WeightsSha256);
        }

        Assert.Equal(completed.Trials.MaxBy(trial => trial.Metrics["testAccuracy"])!.Metrics["testAccuracy"], completed.Best!.Metrics["testAccuracy"]);
        Assert.Equal(SweepPhase.Completed, (await sweep.GetStatusAsync(Token)).Phase);
        Assert.True(File.Exists(Path.Combine(spec.OutputDirectory, "sweep.json")));
        var listed = await cluster.Client.ListRunsAsync(1000, Token);
        Assert.Equal(completed.Trials.Select(trial => trial.RunId), listed.Where(run => run.SweepId == sweep.Id).Select(run => run.RunId).Order());
    }

    [Fact]
    public async Task Start_UnderAnIdThatIsTaken_FindsTheSweepOrIsRefused()
    {
        var spec = SmallSweep() with { Parameters = [ParameterSpec.OneOf("lr", 0.05)] };
        var end = await (await cluster.Client.StartSweepAsync(spec, "chosen-sweep", Token)).WaitAsync(Token);

        var again = await cluster.Client.StartSweepAsync(spec, "chosen-sweep", Token);

        Assert.Equal(("chosen-sweep", end.Sequence), (again.Id, (await again.WaitAsync(Token)).Sequence));
        await Assert.ThrowsAsync<SweepExistsException>(() => cluster.Client.StartSweepAsync(spec with { MaxConcurrent = 1 }, "chosen-sweep", Token));
    }

    [Fact]
    public async Task Watch_LogWasCut_BeginsWithWhatWasStarted()
    {
        var spec = SmallSweep() with { Parameters = [ParameterSpec.OneOf("lr", 0.05, 0.1)] };
        var (sweep, _) = await CompleteAsync(spec);
        var whole = await ReadAsync(sweep);
        await cluster.CutLogAsync<SweepEvent>(sweep.Id, keep: 1, cluster.Grains.GetGrain<ISweepGrain>(sweep.Id));

        var events = await ReadAsync(sweep);

        Assert.Equal([1L, whole.Count], events.Select(next => next.Sequence));
        var (started, first) = (Assert.IsType<SweepStarted>(events[0]), Assert.IsType<SweepStarted>(whole[0]));
        Assert.Equal((first.SweepId, first.Trials, first.Spec.OutputDirectory), (started.SweepId, started.Trials, started.Spec.OutputDirectory));
    }

    [Fact]
    public async Task Asha_PausedTrials_GoOnFromTheirSnapshotToTheResultOfARunAlone()
    {
        var spec = SmallSweep() with
        {
            Base = cluster.SmallSpec() with { Epochs = 4 },
            Parameters = [ParameterSpec.OneOf("lr", 0.01, 0.02, 0.05, 0.1)],
            Scheduler = new SchedulerSpec { Kind = "asha", Reduction = 2, MinEpochs = 1 },
        };

        var (sweep, completed) = await CompleteAsync(spec);

        var events = await ReadAsync(sweep);
        Assert.Contains(events, next => next is TrialPromoted { Rung: 2, TargetEpochs: 4 });
        Assert.Contains(events, next => next is TrialResumed);
        var finished = completed.Trials.Where(trial => trial.State == TrialState.Completed).ToList();
        Assert.NotEmpty(finished);
        Assert.All(completed.Trials.Except(finished), trial => Assert.Equal(TrialState.Stopped, trial.State));
        Assert.True(completed.Epochs < 16, $"{completed.Epochs} epochs");
        foreach (var trial in finished)
        {
            var alone = await cluster.CompleteAsync(spec.SpecOf(trial.Number, trial.Parameters) with { OutputDirectory = cluster.NewFolder() });
            Assert.Equal(alone.WeightsSha256, trial.WeightsSha256);
        }
    }

    [Fact]
    public async Task PauseAndResume_WhileTrialsRun_LosesNothing()
    {
        var spec = SmallSweep() with { Base = cluster.SmallSpec() with { Epochs = 40 }, Parameters = [ParameterSpec.OneOf("lr", 0.05, 0.1)] };
        var sweep = await cluster.Client.StartSweepAsync(spec, Token);
        await WaitForAsync(sweep, next => next is TrialReported);

        await sweep.PauseAsync(Token);
        await WaitForAsync(sweep, next => next is SweepPaused);
        Assert.Equal((SweepPhase.Paused, 0), await PhaseAndRunningAsync(sweep));
        await sweep.ResumeAsync(Token);
        var completed = Assert.IsType<SweepCompleted>(await sweep.WaitAsync(Token));

        Assert.All(completed.Trials, trial => Assert.Equal((TrialState.Completed, 40, 1), (trial.State, trial.Epochs, trial.Attempts)));
        var alone = await cluster.CompleteAsync(spec.SpecOf(1, completed.Trials[0].Parameters) with { OutputDirectory = cluster.NewFolder() });
        Assert.Equal(alone.WeightsSha256, completed.Trials[0].WeightsSha256);
    }

    [Fact]
    public async Task Stop_WhileTrialsRun_CompletesWithWhatThereIs()
    {
        var spec = SmallSweep() with { Base = cluster.EndlessSpec(), Parameters = [ParameterSpec.OneOf("lr", 0.05, 0.1)] };
        var sweep = await cluster.Client.StartSweepAsync(spec, Token);
        await WaitForAsync(sweep, next => next is TrialReported);

        await sweep.StopAsync("enough", Token);
        var completed = Assert.IsType<SweepCompleted>(await sweep.WaitAsync(Token));

        Assert.Equal("enough", completed.StopReason);
        Assert.Equal("enough", (await sweep.GetStatusAsync(Token)).StopReason);
        using var file = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(spec.OutputDirectory, "sweep.json"), Token));
        Assert.Equal("enough", file.RootElement.GetProperty("stopReason").GetString());
        Assert.All(completed.Trials, trial => Assert.Equal((TrialState.Stopped, "enough"), (trial.State, trial.Error)));
    }

    [Fact]
    public async Task FailingTrial_IsTriedAgainAndThenRecordedWithItsError()
    {
        // With a weight decay of 1000 a learning rate of 1000 multiplies the weights by a million a step.
        var diverging = cluster.SmallSpec() with { Architecture = "resnet8", Loss = "ce", Momentum = 0, WeightDecay = 1000, Epochs = 8 };
        var spec = SmallSweep() with { Base = diverging, Parameters = [ParameterSpec.OneOf("lr", 1e-6, 1000.0)], MaxRetries = 1 };

        var (_, completed) = await CompleteAsync(spec);

        Assert.Equal(TrialState.Completed, completed.Trials[0].State);
        Assert.Equal((TrialState.Failed, 2), (completed.Trials[1].State, completed.Trials[1].Attempts));
        Assert.Contains("is not finite", completed.Trials[1].Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddTrials_ToARunningSweep_AreMadeToo()
    {
        var spec = SmallSweep() with
        {
            Parameters = [ParameterSpec.LogBetween("lr", 0.01, 0.1)],
            Sampler = new SamplerSpec { Kind = "random" },
            MaxTrials = 2,
            MaxConcurrent = 1,
        };
        var sweep = await cluster.Client.StartSweepAsync(spec, Token);

        await sweep.AddTrialsAsync(1, [new ParameterSet([new("lr", 0.07)])], Token);
        var completed = Assert.IsType<SweepCompleted>(await sweep.WaitAsync(Token));

        Assert.Equal(4, completed.Trials.Count);
        Assert.Contains(completed.Trials, trial => trial.Parameters.ToString() == "lr=0.07");
        await Assert.ThrowsAsync<InvalidSpecException>(() => sweep.AddTrialsAsync(1, cancellationToken: Token));
    }

    [Fact]
    public async Task Start_TheSameFileTwice_GivesTheSameTrialsInTheSameOrder()
    {
        const string File = """
            base: {dataset: digits, epochs: 1, workers: 1, shards: 1, threads: 1, trainLimit: 64, curvatureSamples: 0, seed: 3}
            parameters:
              lr: {logRange: [0.01, 0.2]}
              batchSize: {values: [16, 32]}
            sampler: {kind: tpe, startupTrials: 2}
            maxTrials: 5
            maxConcurrent: 2
            maxDuration: 100d
            """;

        var (_, first) = await CompleteAsync(SweepFile.Parse(File) with { OutputDirectory = cluster.NewFolder() });
        var (_, second) = await CompleteAsync(SweepFile.Parse(File) with { OutputDirectory = cluster.NewFolder() });

        Assert.Equal(5, first.Trials.Count);
        Assert.Equal(first.Trials.Select(trial => (trial.Number, trial.Parameters, trial.WeightsSha256)), second.Trials.Select(trial => (trial.Number, trial.Parameters, trial.WeightsSha256)));
    }

    [Fact]
    public async Task Start_InTheFolderOfAnotherSweep_IsRefusedByItsName()
    {
        var spec = SmallSweep() with { Parameters = [ParameterSpec.OneOf("lr", 0.05)] };
        var (sweep, _) = await CompleteAsync(spec);

        var refused = await Assert.ThrowsAsync<InvalidSpecException>(() => cluster.Client.StartSweepAsync(spec, Token));

        Assert.Contains($"is that of sweep {sweep.Id}", Assert.Single(refused.Problems).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddTrials_ARequestThatWasGranted_IsStillGrantedWhenTheSweepIsDone()
    {
        var spec = SmallSweep() with { Parameters = [ParameterSpec.OneOf("lr", 0.05)] };
        var sweep = await cluster.Client.StartSweepAsync(spec, Token);
        var request = new AddTrials { Parameters = [new ParameterSet([new("lr", 0.07)])] };
        var grain = cluster.Grains.GetGrain<ISweepGrain>(sweep.Id);
        await grain.AddTrialsAsync(request, Token);
        await sweep.WaitAsync(Token);

        await grain.AddTrialsAsync(request, Token);

        Assert.Equal(2, (await sweep.GetStatusAsync(Token)).Trials.Completed);
    }

    private SweepSpec SmallSweep() => new() { Base = cluster.SmallSpec(), OutputDirectory = cluster.NewFolder(), MaxConcurrent = 2 };

    private async Task<(ISweepHandle Sweep, SweepCompleted Completed)> CompleteAsync(SweepSpec spec)
    {
        var sweep = await cluster.Client.StartSweepAsync(spec, Token);
        return (sweep, Assert.IsType<SweepCompleted>(await sweep.WaitAsync(Token)));
    }

    private static async Task<List<SweepEvent>> ReadAsync(ISweepHandle sweep) => await sweep.WatchAsync(0, Token).ToListAsync(Token);

    private static async Task WaitForAsync(ISweepHandle sweep, Func<SweepEvent, bool> isIt) => await sweep.WatchAsync(0, Token).FirstAsync(isIt, Token);

    private static async Task<(SweepPhase, int)> PhaseAndRunningAsync(ISweepHandle sweep)
    {
        var status = await sweep.GetStatusAsync(Token);
        return (status.Phase, status.Trials.Running);
    }
}
