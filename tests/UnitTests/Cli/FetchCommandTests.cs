using System.Text.Json;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.UnitTests.Checkpoints;

namespace Lcnn.Distributed.UnitTests.Cli;

public sealed class FetchCommandTests
{
    private static readonly SnapshotInfo _snapshot =
        new() { Name = "step-23.g1.0123abcd", Step = 23, WeightsSha256 = "ab", Files = [new("model.safetensors", 1234, "cd")] };

    [Theory]
    [InlineData("fetch run-1", "runs/run-1/step-23.g1.0123abcd")]
    [InlineData("fetch run-1 --out mine --snapshot step-23.g1.0123abcd", "mine/step-23.g1.0123abcd")]
    public async Task Fetch_Snapshot_SaysWhereItIs(string line, string expected)
    {
        using var cli = new CliHarness();
        cli.Host.Newest = _snapshot;

        Assert.Equal(0, await cli.RunLineAsync(line));
        Assert.Equal(0, await cli.RunLineAsync($"{line} --json"));

        var path = Path.Combine(cli.Folder, expected);
        Assert.Equal($"run-1: step 23 in {path} (1,234 bytes, every SHA-256 as recorded)", cli.OutputLines[0]);
        using var json = JsonDocument.Parse(cli.OutputLines[1]);
        Assert.Equal("fetched", json.RootElement.GetProperty("event").GetString());
        Assert.Equal(path, json.RootElement.GetProperty("path").GetString());
        Assert.Equal("ab", json.RootElement.GetProperty("weightsSha256").GetString());
    }

    [Fact]
    public async Task Fetch_SnapshotOfARunThatKeepsAnAverage_WritesItsModelBesideIt()
    {
        using var cli = new CliHarness();
        var folder = Path.Combine(cli.Folder, "runs/run-1");
        var content = Samples.Content(23);
        var weights = SafeTensor.Create<float>("1.bias.ema", [1, 2], 2);
        var name = SnapshotWriter.Write(folder, content with { Optimizer = [.. content.Optimizer, weights], Metadata = new Dictionary<string, string> { ["step"] = "23" } });
        cli.Host.Newest = _snapshot with { Name = name.ToString() };

        Assert.Equal(0, await cli.RunLineAsync("fetch run-1"));

        var path = Path.Combine(folder, "model_ema.safetensors");
        Assert.EndsWith($"; the average of its weights in {path}", cli.OutputLines[0], StringComparison.Ordinal);
        var average = SafeTensorsFile.Read(path);
        Assert.Equal([1f, 2f], Assert.Single(average.Tensors).Value.Values<float>().ToArray());
        Assert.Equal("23", average.Metadata["step"]);
    }

    [Theory]
    [InlineData("fetch nobody", "error: run nobody is not known")]
    [InlineData("fetch run-1", "error: run run-1 has no snapshot 'newest'")]
    [InlineData("fetch run-1 --snapshot x", "error: run run-1 has no snapshot 'x'")]
    [InlineData("fetch run-1 --out", "error: --out: expected")]
    [InlineData("fetch", "error: RUN: expected a value")]
    public async Task Fetch_NothingToCopy_IsBadInput(string line, string expected)
    {
        using var cli = new CliHarness();

        Assert.Equal(2, await cli.RunLineAsync(line));

        Assert.StartsWith(expected, cli.ErrorLines[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fetch_FolderThatCannotBeWritten_BlamesTheOption()
    {
        using var cli = new CliHarness();
        cli.Host.CopyError = new IOException("no space left");

        Assert.Equal(2, await cli.RunLineAsync("fetch run-1"));

        Assert.Equal("error: --out: no space left", Assert.Single(cli.ErrorLines));
    }

    [Fact]
    public async Task Fetch_DamagedSnapshot_FailsInOneLine()
    {
        using var cli = new CliHarness();
        cli.Host.CopyError = new SnapshotDamagedException("changed since it was written");

        Assert.Equal(1, await cli.RunLineAsync("fetch run-1"));

        Assert.Equal("error: changed since it was written", Assert.Single(cli.ErrorLines));
    }
}
