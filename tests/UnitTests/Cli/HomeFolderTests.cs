using Lcnn.Distributed.Client.Sweeps;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.UnitTests.Cli;

/// <summary>~ where no shell replaces it.</summary>
public sealed class HomeFolderTests : IDisposable
{
    private static readonly string _home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    private readonly CliHarness _cli = new();

    public void Dispose() => _cli.Dispose();

    [Theory]
    [InlineData("~", "")]
    [InlineData("~/", "/")]
    [InlineData("~/a/b", "/a/b")]
    public void Expand_HomeInFront_IsReplaced(string path, string rest) => Assert.Equal(_home + rest, HomeFolder.Expand(path));

    [Theory]
    [InlineData("~other/a")]
    [InlineData("a/~")]
    [InlineData("./~")]
    [InlineData("")]
    public void Expand_AnyOtherPath_Stays(string path) => Assert.Equal(path, HomeFolder.Expand(path));

    [Fact]
    public async Task Train_RemoteFolders_AreThoseOfTheUser()
    {
        Assert.Equal(0, await _cli.RunLineAsync("train --out=~/lcnn-a --data-dir=~/lcnn-b --resume=~/lcnn-c --cluster=localhost"));

        Assert.Equal(
            (Path.Combine(_home, "lcnn-a"), Path.Combine(_home, "lcnn-b"), Path.Combine(_home, "lcnn-c")),
            (_cli.Spec.OutputDirectory, _cli.Spec.DataDirectory, _cli.Spec.ResumeFrom));
    }

    [Fact]
    public async Task Train_FolderOfData_IsLookedForAtHome()
    {
        Assert.Equal(2, await _cli.RunLineAsync("train --data-dir=~/lcnn-no-such-folder"));

        Assert.Contains($"the folder '{_home}/lcnn-no-such-folder' does not exist", _cli.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Cluster_FileWithTheAddress_IsLookedForAtHome(bool isVariable)
    {
        if (isVariable)
        {
            _cli.Variables["LCNN_CLUSTER"] = "@~/lcnn-no-such-file";
        }

        Assert.Equal(2, await _cli.RunLineAsync($"runs{(isVariable ? "" : " --cluster=@~/lcnn-no-such-file")}"));

        Assert.Contains($"the file '{_home}/lcnn-no-such-file' does not exist", _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void SweepFile_Folders_AreThoseOfTheUser()
    {
        var spec = SweepFile.Parse("out: ~/sweeps/a\nbase: {dataDir: '~/data'}\nparameters: {lr: {values: [0.1]}}\n");

        Assert.Equal((Path.Combine(_home, "sweeps/a"), Path.Combine(_home, "data")), (spec.OutputDirectory, spec.Base.DataDirectory));
    }
}
