using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Grains.Sweeps;
using Lcnn.Distributed.UnitTests.Client;
using Lcnn.Distributed.UnitTests.Grains;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lcnn.Distributed.UnitTests.Sweeps;

public sealed class TrialFollowerTests
{
    private const int Failures = 60;

    private readonly SteppedClock _clock = new();
    private readonly FakeCoordinator _run = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task FollowAsync_RunThatDoesNotAnswer_WarnsOnceAndFollowsItOnceItDoes()
    {
        var warnings = new List<string>();
        for (var i = 0; i < Failures; i++)
        {
            _run.Errors.Enqueue(new TimeoutException("no answer"));
        }

        _run.Log.Add(new RunCompleted { Sequence = 1 });
        var follower = new TrialFollower(3, new TrialOrigin("s", 1), "s-0003", Recipes.Default(), _run, _clock, NullLogger.Instance, Token);

        var following = follower.FollowAsync(0, _ => { }, warnings.Add);
        for (var i = 0; i < Failures; i++)
        {
            _clock.Advance(await _clock.NextDelayAsync(Token));
        }

        Assert.IsType<RunCompleted>((await following).End?.Final);
        var warning = Assert.Single(warnings);
        Assert.StartsWith("trial 3: its run s-0003 has not answered for 31 s", warning, StringComparison.Ordinal);
    }
}
