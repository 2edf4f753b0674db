using Lcnn.Distributed.Contracts.Cluster;
using Lcnn.Distributed.Grains;
using Lcnn.Distributed.Grains.Placement;
using Microsoft.Extensions.Time.Testing;

namespace Lcnn.Distributed.UnitTests.Grains.Placement;

public sealed class GangQueueTests
{
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(15);

    private readonly FakeTimeProvider _clock = new();
    private readonly GangQueue _queue;
    private readonly List<GangRequest> _waiting = [];

    public GangQueueTests() => _queue = new GangQueue(_timeout, _clock);

    [Fact]
    public void Sweeps_OneWithManyMoreTrials_TakeTurns()
    {
        Join("a-0001", "a-0002", "a-0003", "a-0004");
        Join("b-0001", "b-0002");

        Assert.Equal(["a-0001", "b-0001", "a-0002", "b-0002", "a-0003", "a-0004"], GrantAll());
    }

    [Fact]
    public void Sweep_ThatSubmitsAgainAfterEachTrial_IsGrantedEverySecondTime()
    {
        Join("a-0001", "a-0002", "a-0003", "a-0004");
        Join("b-0001");
        var granted = new List<string>();
        for (var turn = 0; turn < 6; turn++)
        {
            granted.Add(GrantNext());
            if (granted[^1][0] == 'b')
            {
                Join($"b-{turn + 2:d4}");
            }
        }

        Assert.Equal(["a-0001", "b-0001", "a-0002", "b-0003", "a-0003", "b-0005"], granted);
    }

    [Fact]
    public void Runs_OfNoSweep_KeepTheOrderOfTheirSubmissionAndTheirTurnAmongSweeps()
    {
        Join("a-0001", "a-0002", "run-x", "a-0003", "run-y");

        Assert.Equal(["a-0001", "run-x", "run-y", "a-0002", "a-0003"], GrantAll());
    }

    [Fact]
    public void Run_SubmittedAfterASweepsTurn_WaitsBehindItsNextTrial()
    {
        Join("a-0001", "a-0002", "a-0003");
        Assert.Equal("a-0001", GrantNext());
        Join("run-x", "run-y");

        Assert.Equal(["a-0002", "run-x", "run-y", "a-0003"], GrantAll());
    }

    [Fact]
    public void Trial_ThatHasLostItsWorkers_KeepsThePlaceOfItsSubmission()
    {
        var lost = Request("a-0001") with { Generation = 2 };
        _queue.Grant(lost with { Generation = 1 });
        Join("b-0001", "a-0002");

        _queue.Join(lost);

        Assert.Empty(_queue.AheadOf(lost));
        _queue.Grant(lost);
        Assert.Equal("b-0001", GrantNext());
    }

    [Fact]
    public void Trial_NotAskedForAgain_HoldsUpNoOtherSweep()
    {
        Join("a-0001");
        _clock.Advance(_timeout);
        Join("b-0001");

        Assert.Equal("b-0001", GrantNext());
    }

    [Fact]
    public void Runs_OfNoSweepWithIdsLikeTrials_AreNobodysTrials()
    {
        Join("a-0001", "a-0002", "run-20260101-120000-12345678", "run-20260101-120000-87654321");

        Assert.Equal(["a-0001", "run-20260101-120000-12345678", "run-20260101-120000-87654321", "a-0002"], GrantAll());
    }

    [Theory]
    [InlineData(7, 1, "s-0007")]
    [InlineData(7, 2, "s-0007-2")]
    [InlineData(12345, 1, "s-12345")]
    public void Trial_OfASweep_HasItsNumberAndSegmentInItsKey(int number, int segment, string key) =>
        Assert.Equal(key, GrainKeys.Trial("s", number, segment));

    // "a-0001" is a trial of sweep "a", "run-x" a run of its own.
    private GangRequest Request(string runId) =>
        new(runId, 1, 1, 1, _clock.GetUtcNow(), [], runId.StartsWith("run", StringComparison.Ordinal) ? null : runId[..runId.IndexOf('-')]);

    // Submitted one second after the other.
    private void Join(params string[] runs)
    {
        foreach (var run in runs)
        {
            _waiting.Add(Request(run));
            _queue.Join(_waiting[^1]);
            _clock.Advance(TimeSpan.FromSeconds(1));
        }
    }

    private string GrantNext()
    {
        var next = _waiting.Single(request => _queue.AheadOf(request).Count == 0);
        _waiting.Remove(next);
        _queue.Grant(next);
        _clock.Advance(TimeSpan.FromMilliseconds(100));
        return next.RunId;
    }

    private List<string> GrantAll() => [.. Enumerable.Range(0, _waiting.Count).Select(_ => GrantNext())];
}
