using Lcnn.Distributed.Client;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lcnn.Distributed.UnitTests.Client;

public sealed class SweepHandleTests
{
    private static readonly SweepSpec _spec = new() { Base = Recipes.Default() with { Epochs = 9 }, Parameters = [ParameterSpec.OneOf("lr", 0.1)] };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<SweepSpec, string> Malformed => new()
    {
        { _spec with { Parameters = [] }, "parameters: expected 1 to 64 parameters, got 0" },
        { _spec with { Parameters = [ParameterSpec.OneOf("lr", "fast")] }, "parameters.lr.values[0]: expected a number" },
        { _spec with { Parameters = [ParameterSpec.OneOf("nothing", 1)] }, "parameters.nothing: expected a run option" },
        { _spec with { Parameters = [ParameterSpec.Between("lr", 1, double.NaN)] }, "parameters.lr.range: expected a finite lower bound" },
        { _spec with { Parameters = [_spec.Parameters[0] with { When = [new ParameterCondition("lr", [0.1])] }] }, "conditions go round in a circle" },
        { _spec with { Sampler = new SamplerSpec { Kind = "" } }, "sampler.kind: unknown sampler ''" },
        { _spec with { Sampler = new SamplerSpec { Kind = "random" } }, "maxTrials: expected a number of trials" },
        { _spec with { Scheduler = new SchedulerSpec { Kind = "asha", Reduction = int.MinValue } }, "scheduler.reduction: expected a whole number from 2" },
        { _spec with { Goals = [] }, "goal: expected one to 4 goals, got 0" },
        { _spec with { MaxConcurrent = -1 }, "maxConcurrent: expected a whole number from 1" },
        { _spec with { MaxTrialDuration = TimeSpan.MaxValue }, "maxTrialDuration: expected a time above zero up to 365 days" },
        { _spec with { Base = _spec.Base with { ResumeFrom = "/runs/a" } }, "base: expected a run that starts afresh" },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public async Task StartSweepAsync_MalformedSpec_IsRefusedBeforeAnyGrainIsAsked(SweepSpec spec, string expected)
    {
        await using var client = new LcnnClient(FakeGrains.With());

        var refused = await Assert.ThrowsAsync<InvalidSpecException>(() => client.StartSweepAsync(spec, Token));

        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WaitAsync_LongLog_ReadsItsEndAlone()
    {
        var sweep = new FakeSweepGrain { Log = [new SweepStarted { Sequence = 1 }, new SweepPaused { Sequence = 2 }, new SweepResumed { Sequence = 3 }, new SweepCompleted { Sequence = 4 }] };
        var handle = new SweepHandle("s", sweep, TimeProvider.System, NullLogger.Instance);

        Assert.IsType<SweepCompleted>(await handle.WaitAsync(Token));

        Assert.Equal([3L], sweep.Watches);
    }

    [Fact]
    public async Task WaitAsync_UnknownSweep_SaysSo()
    {
        var handle = new SweepHandle("s", new FakeSweepGrain(), TimeProvider.System, NullLogger.Instance);

        await Assert.ThrowsAsync<SweepNotFoundException>(() => handle.WaitAsync(Token));
    }
}
