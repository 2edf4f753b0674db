using Lcnn.Distributed.Data.Claims;
using Lcnn.Distributed.UnitTests.Checkpoints;

namespace Lcnn.Distributed.UnitTests.Claims;

/// <summary>Many who want one folder at the same moment.</summary>
public sealed class ClaimRaceTests : IDisposable
{
    private const int Rounds = 50;
    private const int Claimants = 16;

    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void Try_ManyAtOnce_OneHasTheFolder()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var outcomes = Race(_root[$"run-{round}"]);

            AssertOneHolds(_root[$"run-{round}"], outcomes);
        }
    }

    [Fact]
    public void Try_ManyFindTheSameDeadHolder_OneFollowsIt()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var folder = _root[$"run-{round}"];
            new ClaimContest(folder, Claimant.Run("dead"), Places.Dead, TimeProvider.System).Try();

            AssertOneHolds(folder, Race(folder));
        }
    }

    // Whoever holds the folder alone may write: two at once would see each other's mark.
    [Fact]
    public void Try_HoldersComeGoAndDie_NeverAreThereTwo()
    {
        var (folder, holders, entered) = (_root["run"], 0, 0);

        InParallel(claimant =>
        {
            for (var turn = 0; turn < Rounds; turn++)
            {
                var dies = (claimant + turn) % 3 == 0;
                var contest = new ClaimContest(folder, Claimant.Run($"run-{claimant}-{turn}"), dies ? Places.Dead : ClaimPlace.ThisProcess, TimeProvider.System);
                if (contest.Try() is not ClaimOutcome.Held { Claim: var held })
                {
                    continue;
                }

                using (held)
                {
                    if (!dies) // a dead one is followed at once
                    {
                        Assert.Equal(1, Interlocked.Increment(ref holders));
                        Assert.Null(FolderClaim.FindOther(folder, Claimant.Run($"run-{claimant}-{turn}")));
                        Interlocked.Decrement(ref holders);
                        held.Release();
                    }
                }

                Interlocked.Increment(ref entered);
            }
        });

        Assert.True(entered > 0);
    }

    private static ClaimOutcome[] Race(string folder)
    {
        var outcomes = new ClaimOutcome[Claimants];
        InParallel(claimant => outcomes[claimant] = new ClaimContest(folder, Claimant.Run($"run-{claimant}"), ClaimPlace.ThisProcess, TimeProvider.System).Try());
        return outcomes;
    }

    // One that is not told who has the folder has seen a file that was being written: it would look again.
    private static void AssertOneHolds(string folder, ClaimOutcome[] outcomes)
    {
        var winner = Assert.Single(outcomes.Index(), outcome => outcome.Item is ClaimOutcome.Held);
        Assert.Null(FolderClaim.FindOther(folder, Claimant.Run($"run-{winner.Index}")));
        Assert.All(outcomes.OfType<ClaimOutcome.Refused>(), refused => Assert.Contains($" run run-{winner.Index} since ", refused.Reason, StringComparison.Ordinal));
        ((ClaimOutcome.Held)winner.Item).Claim.Release();
        Assert.False(Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any());
    }

    private static void InParallel(Action<int> act)
    {
        using var start = new Barrier(Claimants);
        var failures = new System.Collections.Concurrent.ConcurrentQueue<Exception>();
        var threads = Enumerable.Range(0, Claimants).Select(claimant => new Thread(() =>
        {
            start.SignalAndWait();
            try
            {
                act(claimant);
            }
            catch (Exception exception)
            {
                failures.Enqueue(exception);
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        Assert.Empty(failures);
    }
}
