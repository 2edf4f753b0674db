using Lcnn.Distributed.Data.Claims;

namespace Lcnn.Distributed.UnitTests.Cli;

/// <summary>Folders that somebody has, or had.</summary>
public sealed class ClaimedFolderTests : IDisposable
{
    private readonly CliHarness _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Overwrite_FolderOfALivingRun_IsRefusedByNameAndRemovesNothing()
    {
        var folder = FolderOfARun();
        var before = EntriesOf(folder);
        using var held = Claim(folder, ClaimPlace.ThisProcess);

        Assert.Equal(2, await _cli.RunLineAsync("train --out run --overwrite"));

        Assert.All(["--out", folder, "is in use by run run-7 since ", $"process {Environment.ProcessId} on "], part => Assert.Contains(part, _cli.Error, StringComparison.Ordinal));
        Assert.Equal(before, EntriesOf(folder).Where(path => !FolderClaim.IsFile(path)));
        Assert.Null(_cli.Host.Spec);
    }

    [Fact]
    public async Task Overwrite_FolderOfADeadRun_ReplacesIt()
    {
        var folder = FolderOfARun();
        Claim(folder, Claims.Places.Dead).Dispose();

        Assert.Equal(0, await _cli.RunLineAsync("train --out run --overwrite"));

        Assert.Equal([Path.Combine(folder, "notes.txt")], EntriesOf(folder));
    }

    [Fact]
    public async Task Train_FolderWithADeadClaimAlone_IsEmpty()
    {
        var folder = Path.Combine(_cli.Folder, "run");
        Claim(folder, Claims.Places.Dead).Dispose();

        Assert.Equal(0, await _cli.RunLineAsync("train --out run"));

        Assert.Equal(folder, _cli.Spec.OutputDirectory);
    }

    private string FolderOfARun()
    {
        _cli.FolderWithFile("run/step-4.g1.0123abcd", "state.json");
        return _cli.FolderWithFile("run");
    }

    private FolderClaim Claim(string folder, ClaimPlace place) =>
        Assert.IsType<ClaimOutcome.Held>(new ClaimContest(folder, Claimant.Run("run-7"), place, _cli.Clock).Try()).Claim;

    private static IEnumerable<string> EntriesOf(string folder) => [.. Directory.GetFileSystemEntries(folder).Order(StringComparer.Ordinal)];
}
