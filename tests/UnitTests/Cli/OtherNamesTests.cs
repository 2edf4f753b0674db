using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.UnitTests.Cli;

/// <summary>Names that silos' programs may add: a command that goes to a cluster leaves them to the silos, one that trains here knows better.</summary>
public sealed class OtherNamesTests : IDisposable
{
    private const string Own = "name: theirs\nlayers: [{conv: {channels: 4}}, {gate: {start: 0.5, kind: soft}}, flatten, {linear: {features: classes}}]\n";

    private readonly CliHarness _cli = new();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Train_OnACluster_SendsNamesThatItDoesNotKnow()
    {
        Assert.Equal(0, await _cli.RunLineAsync("train --cluster redis://host --dataset shapes --arch mine --arch-parameters width=16 --detach"));

        Assert.Equal(("shapes", "mine", null, "width=16", Recipes.OpenLoss), (_cli.Spec.Dataset, _cli.Spec.Architecture, _cli.Spec.Network, _cli.Spec.NetworkParameters, _cli.Spec.Loss));
    }

    [Fact]
    public async Task Train_OnAClusterWithALoss_KeepsIt()
    {
        Assert.Equal(0, await _cli.RunLineAsync("train --cluster redis://host --arch mine --loss gradnorm --detach"));

        Assert.Equal("gradnorm", _cli.Spec.Loss);
    }

    [Theory]
    [InlineData("--dataset shapes", "--dataset: unknown data set 'shapes', expected one of digits,")]
    [InlineData("--arch mine", "--arch: unknown architecture 'mine', expected one of resnet8,")]
    [InlineData("--local-silos 2 --arch mine", "--arch: unknown architecture 'mine', expected one of resnet8,")]
    [InlineData("--arch theirs.yaml", "--arch: theirs.yaml:2:33: layers[1]: unknown layer 'gate', expected one of sequence,")]
    [InlineData("--cluster redis://host --dataset a,b", "--dataset: unknown data set 'a,b'")]
    public async Task Train_NamesThatNobodyCanKnow_AreRefused(string line, string expected)
    {
        await File.WriteAllTextAsync(Path.Combine(_cli.Folder, "theirs.yaml"), Own, TestContext.Current.CancellationToken);

        Assert.Equal(2, await _cli.RunLineAsync($"train {line}"));

        Assert.Contains(expected, _cli.Error, StringComparison.Ordinal);
        Assert.Null(_cli.Host.Place);
    }

    [Fact]
    public async Task Train_OnAClusterWithAnOperationInAFile_SendsItAsItIsWritten()
    {
        await File.WriteAllTextAsync(Path.Combine(_cli.Folder, "theirs.yaml"), Own, TestContext.Current.CancellationToken);

        Assert.Equal(0, await _cli.RunLineAsync("train --cluster redis://host --arch theirs.yaml --detach"));

        Assert.Contains("""{"gate":{"kind":"soft","start":"0.5"}}""", _cli.Spec.Network, StringComparison.Ordinal);
        Assert.Equal(["gate"], _cli.Spec.DescribedNetwork().OwnKinds);
    }

    [Theory]
    [InlineData("--cluster redis://host", 0)]
    [InlineData("--out here", 2)]
    public async Task Sweep_OverNamesThatItDoesNotKnow_IsForAClusterAlone(string place, int expected)
    {
        await File.WriteAllTextAsync(
            Path.Combine(_cli.Folder, "sweep.yaml"), "base: {dataset: shapes, workers: 1}\nparameters: {arch: {values: [mine, resnet8]}}\n", TestContext.Current.CancellationToken);

        Assert.Equal(expected, await _cli.RunLineAsync($"sweep start sweep.yaml {place}"));

        Assert.Equal(expected == 2, _cli.Error.Contains("'shapes'", StringComparison.Ordinal));
    }
}
