using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Workers;
using Lcnn.Distributed.Grains.Workers;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lcnn.Distributed.UnitTests.Grains;

public sealed class ReportPumpTests : IDisposable
{
    private readonly SteppedClock _clock = new();
    private readonly FakeCoordinator _coordinator = new();
    private readonly CancellationTokenSource _leaving = new();
    private int _superseded;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _leaving.Dispose();

    [Fact]
    public async Task Post_StepsAndOthersMixed_ArriveInOrder()
    {
        var pump = NewPump();

        pump.Post(new StepCompleted { Step = 1 });
        pump.Post(new StepCompleted { Step = 2 });
        pump.Post((reports, generation) => reports.ReportEpochAsync(generation, new EpochCompleted { Step = 2 }, CancellationToken.None));
        pump.Post(new StepCompleted { Step = 3 });
        await EndAsync(pump);

        Assert.Equal(["step 1", "step 2", "epoch 2", "step 3"], _coordinator.Heard);
        Assert.All(_coordinator.Generations, generation => Assert.Equal(7, generation));
    }

    [Fact]
    public async Task Post_StepsPileUpBehindACall_GoTogetherUpToABound()
    {
        var pump = NewPump();
        var goOn = await HoldAsync(pump);

        for (var step = 1; step <= ReportPump.StepsPerCall + 5; step++)
        {
            Assert.True(pump.Post(new StepCompleted { Step = step }));
        }

        goOn.SetResult();
        await EndAsync(pump);

        Assert.Equal([ReportPump.StepsPerCall, 5], _coordinator.StepBatches);
    }

    [Fact]
    public async Task Post_CoordinatorIsAway_RepeatsUntilItIsBackAndKeepsTheOrder()
    {
        var pump = NewPump();
        _coordinator.FailuresLeft = 8;
        pump.Post(new StepCompleted { Step = 1 });
        pump.Post((reports, generation) => reports.ReportWarningAsync(generation, "still here", CancellationToken.None));

        foreach (var delay in new[] { 50, 100, 200, 400, 800, 1000, 1000, 1000 })
        {
            Assert.Equal(TimeSpan.FromMilliseconds(delay), await _clock.NextDelayAsync(Token));
            _clock.Advance(TimeSpan.FromMilliseconds(delay));
        }

        await EndAsync(pump);
        Assert.Equal(["step 1", "still here"], _coordinator.Heard);
    }

    [Fact]
    public async Task Post_ReportThrowsBeforeItsFirstAwait_IsRepeatedAsWell()
    {
        var pump = NewPump();
        var calls = 0;
        pump.Post((_, _) => ++calls < 3 ? throw new TimeoutException("thrown before the first await") : Task.CompletedTask);

        _clock.Advance(await _clock.NextDelayAsync(Token));
        _clock.Advance(await _clock.NextDelayAsync(Token));
        await EndAsync(pump);

        Assert.Equal(3, calls);
    }

    [Fact]
    public async Task Post_MoreStepsThanMayWait_AreLeftOutAndTold()
    {
        var pump = NewPump();
        var goOn = await HoldAsync(pump);
        for (var step = 1; step <= ReportPump.WaitingSteps; step++)
        {
            Assert.True(pump.Post(new StepCompleted { Step = step }));
        }

        Assert.False(pump.Post(new StepCompleted { Step = ReportPump.WaitingSteps + 1 }));
        Assert.False(pump.Post(new StepCompleted { Step = ReportPump.WaitingSteps + 2 }));
        goOn.SetResult();
        await EndAsync(pump);

        Assert.Equal(ReportPump.WaitingSteps, _coordinator.StepBatches.Sum());
        Assert.Contains(" 2 steps ", Assert.Single(_coordinator.Heard, heard => !heard.StartsWith("step", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Leave_ReportsWait_EachIsStillDelivered()
    {
        var pump = NewPump();
        var goOn = await HoldAsync(pump);
        pump.Post(new StepCompleted { Step = 1 });
        pump.Post((reports, generation) => reports.ReportWarningAsync(generation, "last words", CancellationToken.None));

        await _leaving.CancelAsync();
        goOn.SetResult();
        await EndAsync(pump);

        Assert.Equal(["step 1", "last words"], _coordinator.Heard);
    }

    [Fact]
    public async Task Leave_CoordinatorIsAway_GivesUpAtTheNextFailure()
    {
        var pump = NewPump();
        _coordinator.FailuresLeft = int.MaxValue;
        pump.Post(new StepCompleted { Step = 1 });
        await _clock.NextDelayAsync(Token);

        await _leaving.CancelAsync();

        await pump.Completion.WaitAsync(Token);
        Assert.Empty(_coordinator.Heard);
        Assert.False(pump.Post(new StepCompleted { Step = 2 }));
    }

    [Fact]
    public async Task Leave_CallThatNeverAnswers_IsGivenUpAfterAWhile()
    {
        var pump = NewPump();
        await HoldAsync(pump);

        await _leaving.CancelAsync();
        Assert.False(pump.Completion.IsCompleted);
        _clock.Advance(ReportPump.FarewellTime);

        await pump.Completion.WaitAsync(Token);
    }

    [Fact]
    public async Task Post_GenerationIsOver_EndsAtOnceAndSaysSoOnce()
    {
        var pump = NewPump();
        var goOn = await HoldAsync(pump);
        pump.Post((_, generation) => throw new StaleGenerationException("run", generation, 8));
        pump.Post(new StepCompleted { Step = 1 });

        goOn.SetResult();
        await pump.Completion.WaitAsync(Token);

        Assert.Equal(1, _superseded);
        Assert.Empty(_coordinator.Heard);
        Assert.False(pump.Post(new StepCompleted { Step = 2 }));
    }

    [Fact]
    public async Task Post_AfterClose_IsDropped()
    {
        var pump = NewPump();
        pump.Close();

        Assert.False(pump.Post(new StepCompleted { Step = 1 }));
        await EndAsync(pump);

        Assert.Empty(_coordinator.Heard);
        Assert.Equal(0, _superseded);
    }

    private static async Task EndAsync(ReportPump pump)
    {
        pump.Close();
        await pump.Completion.WaitAsync(Token);
    }

    // Keeps the pump busy until told to go on.
    private static async Task<TaskCompletionSource> HoldAsync(ReportPump pump)
    {
        var (called, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        pump.Post((_, _) =>
        {
            called.TrySetResult();
            return goOn.Task;
        });
        await called.Task;
        return goOn;
    }

    private ReportPump NewPump() =>
        new(_coordinator, generation: 7, _clock, NullLogger.Instance, () => Interlocked.Increment(ref _superseded), _leaving.Token);

    private sealed class FakeCoordinator : FakeReports
    {
        public List<string> Heard { get; } = [];

        public List<int> StepBatches { get; } = [];

        public List<int> Generations { get; } = [];

        public int FailuresLeft { get; set; }

        public override Task ReportStepsAsync(int generation, IReadOnlyList<StepCompleted> steps, CancellationToken cancellationToken)
        {
            if (FailuresLeft > 0)
            {
                FailuresLeft--;
                throw new TimeoutException("the coordinator is away");
            }

            StepBatches.Add(steps.Count);
            return Hear(generation, [.. steps.Select(step => $"step {step.Step}")]);
        }

        public override Task ReportEpochAsync(int generation, EpochCompleted epoch, CancellationToken cancellationToken) => Hear(generation, $"epoch {epoch.Step}");

        public override Task ReportWarningAsync(int generation, string message, CancellationToken cancellationToken) => Hear(generation, message);

        private Task Hear(int generation, params string[] reports)
        {
            Generations.Add(generation);
            Heard.AddRange(reports);
            return Task.CompletedTask;
        }
    }
}
