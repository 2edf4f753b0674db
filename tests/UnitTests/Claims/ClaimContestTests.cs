using Lcnn.Distributed.Data.Claims;
using Lcnn.Distributed.UnitTests.Checkpoints;
using Microsoft.Extensions.Time.Testing;

namespace Lcnn.Distributed.UnitTests.Claims;

public sealed class ClaimContestTests : IDisposable
{
    private readonly TemporaryFolder _root = new();
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));

    private string Folder => _root["run"];

    private string ClaimPath => Path.Combine(Folder, ClaimChain.FileName);

    public void Dispose() => _root.Dispose();

    [Fact]
    public void Try_FolderOfALivingRun_IsRefusedByWhoWhereAndSinceWhen()
    {
        using var held = Hold("first");

        var refused = Assert.IsType<ClaimOutcome.Refused>(Contest("second").Try());

        var expected = $"the folder '{Folder}' is in use by run first since 2026-01-02 03:04:05 UTC (process {Environment.ProcessId} on {Environment.MachineName})";
        Assert.StartsWith(expected, refused.Reason, StringComparison.Ordinal);
        Assert.Contains("--out", refused.Reason, StringComparison.Ordinal);
        Assert.Equal([ClaimPath], Directory.GetFileSystemEntries(Folder));
    }

    [Fact]
    public void Try_GivenBack_IsFreeAndLeavesNothing()
    {
        Hold("first").Release();

        Assert.False(Directory.Exists(Folder));
        using var held = Hold("second");
        Assert.Null(FolderClaim.FindOther(Folder, Claimant.Run("second")));
    }

    [Fact]
    public void Release_FolderThatWasThereOrHoldsSomething_KeepsIt()
    {
        Directory.CreateDirectory(_root["users"]);
        Hold("first", folder: _root["users"]).Release();
        var held = Hold("second");
        File.WriteAllText(Path.Combine(Folder, "latest"), "x");
        held.Release();

        Assert.Empty(Directory.GetFileSystemEntries(_root["users"]));
        Assert.Equal([Path.Combine(Folder, "latest")], Directory.GetFileSystemEntries(Folder));
    }

    [Fact]
    public void Try_HoldersProcessIsGone_TakesTheFolderAtOnce()
    {
        using var dead = Hold("first", Places.Dead);

        using var held = Hold("second");

        Assert.StartsWith("run second ", FolderClaim.FindOther(Folder, Claimant.Run("first")), StringComparison.Ordinal);
        held.Release();
        Assert.False(File.Exists(ClaimPath));
    }

    [Fact]
    public void Try_HolderElsewhereIsSilentForItsLease_TakesTheFolderThen()
    {
        Hold("first", Places.Elsewhere).Dispose();
        var contest = Contest("second");

        var early = Assert.IsType<ClaimOutcome.Undecided>(contest.Try());
        _clock.Advance(Places.Lease - TimeSpan.FromSeconds(2));
        Assert.IsType<ClaimOutcome.Undecided>(contest.Try());
        _clock.Advance(TimeSpan.FromSeconds(2));
        using var held = Assert.IsType<ClaimOutcome.Held>(contest.Try()).Claim;

        Assert.Contains("run first since ", early.Reason, StringComparison.Ordinal);
        Assert.StartsWith("run second ", FolderClaim.FindOther(Folder, Claimant.Run("first")), StringComparison.Ordinal);
    }

    [Fact]
    public void Try_HolderElsewhereShowsASignOfLife_IsRefused()
    {
        using var held = Hold("first", Places.Elsewhere);
        var contest = Contest("second");

        Assert.IsType<ClaimOutcome.Undecided>(contest.Try());
        _clock.Advance(TimeSpan.FromSeconds(6));

        Assert.IsType<ClaimOutcome.Refused>(contest.Try());
    }

    // A stopped observer has not seen the holder's silence.
    [Fact]
    public void Try_FirstLookAfterALongTime_BeginsToWatchThen()
    {
        Hold("first", Places.Elsewhere).Dispose();
        var contest = Contest("second");
        _clock.Advance(10 * Places.Lease);

        Assert.IsType<ClaimOutcome.Undecided>(contest.Try());
    }

    [Fact]
    public void Try_SameRunOnAnotherSilo_GoesOnWithItsClaim()
    {
        Hold("run", ClaimPlace.With(process: null)).Dispose();

        using var again = Hold("run", ClaimPlace.With(process: null));
        _clock.Advance(TimeSpan.FromSeconds(6));

        Assert.False(again.Taken.IsCompleted);
        Assert.Equal([ClaimPath], Directory.GetFileSystemEntries(Folder));
    }

    // What is taken up from a file by the next process must not be taken for dead by the one after.
    [Fact]
    public void Try_SameSweepInAnotherProcess_FollowsADeadOneAndIsRefusedByALivingOne()
    {
        using var dead = Hold("run", Places.Dead);
        using var again = Hold("run");

        Assert.IsType<ClaimOutcome.Refused>(Contest("other").Try());
        Assert.IsType<ClaimOutcome.Refused>(Contest("run", Places.Elsewhere).Try());
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"id\":\"")]
    [InlineData("not a claim\n")]
    [InlineData("{\"id\":\"../../etc/passwd\",\"holder\":\"x\",\"kind\":\"run\",\"where\":\"\"}\n")]
    [InlineData("null\n")]
    public void Try_ClaimIsDamaged_CountsAsSomebodysUntilItsLeaseIsOver(string content)
    {
        Directory.CreateDirectory(Folder);
        File.WriteAllText(ClaimPath, content);
        var contest = Contest("run");

        var undecided = Assert.IsType<ClaimOutcome.Undecided>(contest.Try());
        _clock.Advance(Places.Lease);
        using var held = Assert.IsType<ClaimOutcome.Held>(contest.Try()).Claim;

        Assert.Contains(ClaimChain.FileName, undecided.Reason, StringComparison.Ordinal);
        Assert.NotNull(FolderClaim.FindOther(Folder, Claimant.Run("other")));
        held.Release();
        Assert.Empty(Directory.GetFileSystemEntries(Folder));
    }

    [Fact]
    public void Try_FolderCannotBeWritten_SaysWhyAndLeavesNothing()
    {
        File.WriteAllText(Folder, "a file");

        var problem = Assert.ThrowsAny<IOException>(() => Contest("run").Try());

        Assert.Contains(Folder, problem.Message, StringComparison.Ordinal);
        Assert.Equal([Folder], Directory.GetFileSystemEntries(_root.Path));
    }

    [Fact]
    public void Try_FolderOfATrialOfALivingSweep_IsItsSweepsAlone()
    {
        using var sweep = Assert.IsType<ClaimOutcome.Held>(new ClaimContest(_root.Path, Claimant.OfSweep("s"), ClaimPlace.ThisProcess, _clock).Try()).Claim;

        var stranger = Assert.IsType<ClaimOutcome.Refused>(Contest("run").Try());
        using var trial = Assert.IsType<ClaimOutcome.Held>(new ClaimContest(Folder, Claimant.Run("s-0001", "s"), ClaimPlace.ThisProcess, _clock).Try()).Claim;
        using var later = Assert.IsType<ClaimOutcome.Held>(new ClaimContest(Folder, Claimant.Run("s-0001-2", "s"), ClaimPlace.ThisProcess, _clock).Try()).Claim;
        sweep.Release();
        Assert.IsType<ClaimOutcome.Refused>(Contest("run").Try());
        trial.Release(); // is not its to give any more
        later.Release();
        using var free = Hold("run");

        Assert.StartsWith($"the folder '{_root.Path}' is in use by sweep s since ", stranger.Reason, StringComparison.Ordinal);
    }

    private FolderClaim Hold(string run, ClaimPlace? place = null, string? folder = null) =>
        Assert.IsType<ClaimOutcome.Held>(Contest(run, place, folder).Try()).Claim;

    private ClaimContest Contest(string run, ClaimPlace? place = null, string? folder = null) =>
        new(folder ?? Folder, Claimant.Run(run), place ?? ClaimPlace.ThisProcess, _clock);
}
