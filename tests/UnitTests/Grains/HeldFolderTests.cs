using Lcnn.Distributed.Data.Claims;
using Lcnn.Distributed.Grains.Claims;
using Lcnn.Distributed.UnitTests.Checkpoints;
using Lcnn.Distributed.UnitTests.Claims;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Lcnn.Distributed.UnitTests.Grains;

public sealed class HeldFolderTests : IDisposable
{
    private readonly TemporaryFolder _root = new();
    private readonly FakeTimeProvider _clock = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _root.Dispose();

    [Fact]
    public async Task Enter_HolderMayBeDead_TellsWhyItWaitsAndTakesTheFolderInTime()
    {
        await EnterAndLeaveAsync("first");

        var told = new List<string>();
        var next = Of("second", ClaimPlace.ThisProcess, Token);
        var entering = next.EnterAsync(
            reason =>
            {
                told.Add(reason);
                return Task.CompletedTask;
            },
            Token);
        while (!entering.IsCompleted)
        {
            _clock.Advance(ClaimContest.Pause);
            await Task.WhenAny(entering, Task.Delay(1, Token));
        }

        await entering;
        Assert.StartsWith($"the folder '{_root["run"]}' is claimed by run first since ", Assert.Single(told), StringComparison.Ordinal);
        Assert.Null(await next.FindOtherAsync(Token));
        await next.ReleaseAsync();
    }

    [Fact]
    public async Task Enter_FolderCannotBeMade_IsRefusedByNameAndAdvice()
    {
        await File.WriteAllTextAsync(_root["run"], "a file", Token);
        var folder = Of("run", ClaimPlace.ThisProcess, Token);

        var refused = await Assert.ThrowsAsync<FolderInUseException>(() => folder.EnterAsync(Ignore, Token));

        Assert.All([_root["run"], "cannot be written", "--out"], part => Assert.Contains(part, refused.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Reenter_AfterTheFirstCoordinatorIsGone_HoldsAndReleases()
    {
        await EnterAndLeaveAsync("run");

        var again = Of("run", Places.Elsewhere, Token);
        Assert.Null(await again.ReenterAsync(Ignore, Token));
        var stranger = Of("other", Places.Elsewhere, Token);
        Assert.StartsWith("run run since ", await stranger.ReenterAsync(Ignore, Token), StringComparison.Ordinal);
        await stranger.ReleaseAsync();
        Assert.True(Directory.Exists(_root["run"]));
        await again.ReleaseAsync();

        Assert.False(Directory.Exists(_root["run"]));
    }

    private async Task EnterAndLeaveAsync(string run)
    {
        using var leaving = new CancellationTokenSource();
        await Of(run, Places.Elsewhere, leaving.Token).EnterAsync(Ignore, Token);
        await leaving.CancelAsync();
    }

    private static Task Ignore(string reason) => Task.CompletedTask;

    private HeldFolder Of(string run, ClaimPlace place, CancellationToken leaving) =>
        new(_root["run"], Claimant.Run(run), place, _clock, NullLogger.Instance, leaving);
}
