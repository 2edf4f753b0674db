using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.Grains.Lifecycle;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Core.Internal;

namespace Lcnn.Distributed.ClusterTests.Runs;

/// <summary>What stays of a run or sweep when it ended long ago.</summary>
[Collection(nameof(ClusterFixture))]
public sealed class RetentionTests(ClusterFixture cluster) : IDisposable
{
    private readonly (TimeSpan, TimeSpan) _before = (Options(cluster).Steps, Options(cluster).TrialSteps);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_EndedLongAgo_KeepsWhatItWasAndHowItWentButNoSteps()
    {
        var spec = cluster.SmallSpec();
        var run = await cluster.StartAsync("long-ago", spec);
        var whole = await run.EventsAsync();
        var (status, metrics) = (await run.GetStatusAsync(Token), await run.GetMetricsAsync(Token));

        var grain = cluster.Grains.GetGrain<IRunCoordinatorGrain>(run.Id);
        await grain.GetProgressAsync(spec.Epochs, Token); // its record has ended, too

        await RetireAsync(grain, "run");

        var events = await cluster.Client.Find(run.Id).EventsAsync();
        var last = whole.OfType<StepCompleted>().Last();
        Assert.Equal(
            whole.Where(logged => logged is not (StepCompleted or EvaluationProgressed) || logged == last).Select(RunEventJson.Serialize),
            events.Select(RunEventJson.Serialize));
        Assert.Equal(3, whole.Count - events.Count); // of four steps
        Assert.Equal(status, await run.GetStatusAsync(Token));
        Assert.Equal(metrics.Epochs.Select(RunEventJson.Serialize), (await run.GetMetricsAsync(Token)).Epochs.Select(RunEventJson.Serialize));
        await cluster.StartAsync(run.Id, spec); // a start that is repeated finds it
    }

    [Fact]
    public async Task Run_JustEnded_KeepsItsStepsAndIsMarkedForLater()
    {
        Options(cluster).Steps = TimeSpan.FromDays(7);
        var run = await cluster.Client.StartAsync(cluster.SmallSpec(), Token);
        var whole = await run.EventsAsync();
        var grain = cluster.Grains.GetGrain<IRunCoordinatorGrain>(run.Id);
        await grain.GetProgressAsync(cluster.SmallSpec().Epochs, Token);

        await TickAsync(grain, "run");

        Assert.Equal(whole.Count, (await cluster.Client.Find(run.Id).EventsAsync()).Count);
        var reminder = await cluster.SiloServices.GetRequiredService<IReminderTable>().ReadRow(grain.GetGrainId(), "run", Token);
        Assert.NotNull(reminder);
        Assert.InRange(reminder.StartAt, whole[^1].Time.UtcDateTime.AddDays(7).AddMinutes(-1), whole[^1].Time.UtcDateTime.AddDays(7).AddMinutes(1));
    }

    [Fact]
    public async Task Sweep_EndedLongAgo_KeepsItsTrialsAndItsResult()
    {
        var spec = new SweepSpec
        {
            Base = cluster.SmallSpec() with { OutputDirectory = "" },
            Parameters = [ParameterSpec.OneOf("lr", 0.05, 0.1)],
            OutputDirectory = cluster.NewFolder(),
        };
        var sweep = await cluster.Client.StartSweepAsync(spec, Token);
        var end = Assert.IsType<SweepCompleted>(await sweep.WaitAsync(Token));
        var trials = await sweep.GetTrialsAsync(Token);

        await RetireAsync(cluster.Grains.GetGrain<ISweepGrain>(sweep.Id), "sweep");
        await RetireAsync(cluster.Grains.GetGrain<IRunCoordinatorGrain>(trials[0].RunId), "run");

        List<SweepEvent> events = [];
        await foreach (var told in sweep.WatchAsync(0, Token))
        {
            events.Add(told);
        }

        Assert.DoesNotContain(events, static told => told is TrialStarted or TrialReported or TrialCompleted);
        Assert.IsType<SweepStarted>(events[0]);
        Assert.Equal(SweepEventJson.Serialize(end), SweepEventJson.Serialize(events[^1]));
        var kept = await sweep.GetTrialsAsync(Token);
        Assert.Equal(trials.Select(trial => (trial.RunId, trial.Reports.Count)), kept.Select(trial => (trial.RunId, trial.Reports.Count)));
        var run = cluster.Client.Find(trials[0].RunId);
        Assert.Equal([typeof(RunStarted), typeof(StepCompleted), typeof(RunCompleted)], (await run.EventsAsync()).Select(static told => told.GetType()));
        Assert.Equal(spec.Base.Epochs, (await run.GetMetricsAsync(Token)).Epochs.Count);
        Assert.All(kept, trial => Assert.Equal(spec.Base.Epochs, trial.Reports.Count));
    }

    public void Dispose() => (Options(cluster).Steps, Options(cluster).TrialSteps) = _before;

    private static RetentionOptions Options(ClusterFixture cluster) => cluster.SiloServices.GetRequiredService<IOptions<RetentionOptions>>().Value;

    // The time has passed: the reminder comes, and then the grain goes.
    private async Task RetireAsync(IGrain grain, string reminder)
    {
        (Options(cluster).Steps, Options(cluster).TrialSteps) = (TimeSpan.Zero, TimeSpan.Zero);
        await TickAsync(grain, reminder);
        Assert.Null(await cluster.SiloServices.GetRequiredService<IReminderTable>().ReadRow(grain.GetGrainId(), reminder, Token));
        await grain.AsReference<IGrainManagementExtension>().DeactivateOnIdle();
        await cluster.GoneAsync(grain);
    }

    private static Task TickAsync(IGrain grain, string reminder) => grain.AsReference<IRemindable>().ReceiveReminder(reminder, default);
}
