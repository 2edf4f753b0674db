using Lcnn.Distributed.Data.Claims;
using Lcnn.Distributed.UnitTests.Checkpoints;
using Microsoft.Extensions.Time.Testing;

namespace Lcnn.Distributed.UnitTests.Claims;

public sealed class FolderClaimTests : IDisposable
{
    private static readonly TimeSpan _beat = TimeSpan.FromSeconds(6);

    private readonly TemporaryFolder _root = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly FakeTimeProvider _othersClock = new();

    private string ClaimPath => _root[ClaimChain.FileName];

    public void Dispose() => _root.Dispose();

    [Fact]
    public async Task Taken_StoppedForLongerThanItsLease_LearnsWhoHasTheFolderNow()
    {
        using var stopped = Hold("first", _clock, Places.Elsewhere);
        var contest = Contest("second", _othersClock);
        contest.Try();
        _othersClock.Advance(Places.Lease);
        using var next = Assert.IsType<ClaimOutcome.Held>(contest.Try()).Claim;

        _clock.Advance(_beat);

        Assert.StartsWith("run second since ", await stopped.Taken.WaitAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        stopped.Release(); // is not its to give
        Assert.Null(FolderClaim.FindOther(_root.Path, Claimant.Run("second")));
        _othersClock.Advance(_beat);
        Assert.False(next.Taken.IsCompleted);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("damaged\n")]
    public void Beat_FileIsDeletedOrDamaged_ClaimsTheFolderAgain(string? content)
    {
        using var held = Hold("run", _clock);
        File.Delete(ClaimPath);
        if (content is not null)
        {
            File.WriteAllText(ClaimPath, content);
        }

        _clock.Advance(_beat);

        Assert.StartsWith("run run since ", FolderClaim.FindOther(_root.Path, Claimant.Run("other")), StringComparison.Ordinal);
        Assert.IsType<ClaimOutcome.Refused>(Contest("other", _clock).Try());
        held.Release();
        Assert.Empty(Directory.GetFileSystemEntries(_root.Path));
    }

    [Fact]
    public void Beat_FolderWasDeleted_DoesNotBringItBack()
    {
        using var held = Hold("run", _clock, folder: _root["run"]);
        Directory.Delete(_root["run"], recursive: true);

        _clock.Advance(_beat);

        Assert.False(Directory.Exists(_root["run"]));
    }

    [Fact]
    public void Join_OfTheSameRun_KeepsTheClaimAliveWithoutItsFirstHolder()
    {
        Hold("run", _clock, Places.Elsewhere).Dispose();
        var observer = Contest("other", _othersClock);
        observer.Try();

        using var worker = FolderClaim.Join(_root.Path, Claimant.Run("run"), _clock);
        _clock.Advance(_beat);

        Assert.NotNull(worker);
        Assert.IsType<ClaimOutcome.Refused>(observer.Try());
        Assert.Null(FolderClaim.Join(_root.Path, Claimant.Run("other"), _clock));
    }

    // A worker that outlived its run must not keep others from the folder.
    [Fact]
    public void Join_ClaimIsGivenBackMeanwhile_DoesNotClaimAgain()
    {
        var held = Hold("run", _clock);
        using var worker = FolderClaim.Join(_root.Path, Claimant.Run("run"), _clock);
        held.Release();

        _clock.Advance(_beat);

        Assert.Empty(Directory.GetFileSystemEntries(_root.Path));
    }

    [Fact]
    public void Release_OfARunByItsId_TakesNobodyElses()
    {
        using var held = Hold("run", _clock);

        FolderClaim.Release(_root.Path, Claimant.Run("other"));
        FolderClaim.Release(_root.Path, Claimant.OfSweep("run"));
        Assert.True(File.Exists(ClaimPath));
        FolderClaim.Release(_root.Path, Claimant.Run("run"));

        Assert.Empty(Directory.GetFileSystemEntries(_root.Path));
        FolderClaim.Release(_root["nowhere"], Claimant.Run("run"));
    }

    private FolderClaim Hold(string run, FakeTimeProvider clock, ClaimPlace? place = null, string? folder = null) =>
        Assert.IsType<ClaimOutcome.Held>(Contest(run, clock, place, folder).Try()).Claim;

    private ClaimContest Contest(string run, FakeTimeProvider clock, ClaimPlace? place = null, string? folder = null) =>
        new(folder ?? _root.Path, Claimant.Run(run), place ?? ClaimPlace.ThisProcess, clock);
}
