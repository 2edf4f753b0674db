using System.Text.Json;

namespace Lcnn.Distributed.UnitTests.Cli.Export;

public sealed class SweepExportCommandTests : IDisposable
{
    private readonly CliHarness _cli = new();

    public SweepExportCommandTests() => _cli.Host.Sweep.Trials = SampleSweep.Export(3).Trials;

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task Export_WithoutOptions_IsCsvOnStandardOutput()
    {
        Assert.Equal(0, await _cli.RunLineAsync("sweep export sweep-1"));

        Assert.StartsWith("number,state,epochs,parameters.lr", _cli.OutputLines[0], StringComparison.Ordinal);
        Assert.Equal(4, _cli.OutputLines.Count);
    }

    [Theory]
    [InlineData("--format json")]
    [InlineData("--json")]
    public async Task Export_Json_IsOneLine(string options)
    {
        Assert.Equal(0, await _cli.RunLineAsync($"sweep export sweep-1 {options}"));

        using var json = JsonDocument.Parse(Assert.Single(_cli.OutputLines));
        Assert.Equal(3, json.RootElement.GetProperty("trials").GetArrayLength());
    }

    [Theory]
    [InlineData("report.html", "", "<!DOCTYPE html>")]
    [InlineData("trials.CSV", "", "number,state")]
    [InlineData("sweep.json", "", "{\"event\":\"sweepCompleted\"")]
    [InlineData("report.txt", "--format html", "<!DOCTYPE html>")]
    [InlineData("trials.txt", "", "number,state")]
    public async Task Export_ToAFile_HasTheFormatOfItsName(string name, string options, string expected)
    {
        var path = Path.Combine(_cli.Folder, name);
        await File.WriteAllTextAsync(path, "old", TestContext.Current.CancellationToken);

        Assert.Equal(0, await _cli.RunLineAsync($"sweep export sweep-1 --out {name} {options} --json"));

        Assert.StartsWith(expected, await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        using var report = JsonDocument.Parse(Assert.Single(_cli.OutputLines));
        Assert.Equal(("exported", path), (report.RootElement.GetProperty("event").GetString(), report.RootElement.GetProperty("path").GetString()));
        Assert.Equal([path], Directory.GetFiles(_cli.Folder));
    }

    [Theory]
    [InlineData("--format xml", "--format: expected one of csv, json, html, got 'xml'")]
    [InlineData("--format csv --json", "--json leaves no room for csv on standard output")]
    [InlineData("--out missing/report.html", "does not exist")]
    [InlineData("--out .", "expected the name of a file")]
    [InlineData("--out", "--out: expected a value")]
    public async Task Export_BadOptions_AreNamed(string options, string expected)
    {
        Assert.Equal(2, await _cli.RunLineAsync($"sweep export sweep-1 {options}"));

        Assert.Contains(expected, _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Export_UnknownSweep_IsNamed()
    {
        Assert.NotEqual(0, await _cli.RunLineAsync("sweep export sweep-2 --out a.csv"));

        Assert.Contains("sweep-2", _cli.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_cli.Folder));
    }
}
