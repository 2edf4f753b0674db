using Lcnn.Distributed.Cli.Services;

namespace Lcnn.Distributed.UnitTests.Cli;

public sealed class ClusterSwitchesTests : IDisposable
{
    private readonly CliHarness _cli = new();

    [Theory]
    [InlineData("runs")]
    [InlineData("silos")]
    [InlineData("train --cluster localhost --detach")]
    [InlineData("sweep list")]
    public async Task Commands_ThatAskACluster_ShowWhatTheyAreGiven(string command)
    {
        Directory.CreateDirectory(PathOf("certificates"));
        await File.WriteAllTextAsync(PathOf("secret"), "a-secret-of-some-length\n", TestContext.Current.CancellationToken);

        await _cli.RunLineAsync($"{command} --tls certificates --token-file secret");

        var access = Assert.IsType<RunPlace.Cluster>(_cli.Host.Place).Access;
        Assert.Equal((PathOf("certificates"), "a-secret-of-some-length"), (access.TlsFolder, access.Token));
        Assert.DoesNotContain("a-secret", $"{_cli.Host.Place}{_cli.Output}{_cli.Error}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Variables_WhereNothingIsGiven_AreUsed()
    {
        (_cli.Variables["LCNN_TLS"], _cli.Variables["LCNN_TOKEN"]) = ("certificates", "a-secret-of-some-length");

        await _cli.RunLineAsync("runs");

        Assert.Equal(new ClusterAccess(PathOf("certificates"), "a-secret-of-some-length"), Assert.IsType<RunPlace.Cluster>(_cli.Host.Place).Access);
    }

    [Theory]
    [InlineData("--tls nowhere", "--tls: the folder '")]
    [InlineData("--token-file nowhere", "--token-file: ")]
    [InlineData("--token-file two", "--token-file: expected one secret in '")]
    public async Task What_CannotBeRead_IsNamed(string option, string expected)
    {
        await File.WriteAllTextAsync(PathOf("two"), "one two", TestContext.Current.CancellationToken);

        Assert.Equal(2, await _cli.RunLineAsync($"runs {option}"));

        Assert.StartsWith($"error: {expected}", _cli.ErrorLines[0], StringComparison.Ordinal);
    }

    public void Dispose() => _cli.Dispose();

    private string PathOf(string name) => Path.Combine(_cli.Folder, name);
}
