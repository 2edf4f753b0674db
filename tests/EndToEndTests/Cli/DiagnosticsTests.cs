using System.Text.Json;

namespace Lcnn.Distributed.EndToEndTests.Cli;

public sealed class DiagnosticsTests
{
    [Fact]
    public async Task Doctor_OnAMachineThatWorks_FindsItHealthy()
    {
        var report = Assert.Single(await RunAsync("doctor", "--json"));

        Assert.True(report.GetProperty("isHealthy").GetBoolean());
        var findings = report.GetProperty("findings").EnumerateArray().Select(finding => finding.Text("name")).ToList();
        Assert.All(["operating system", "libtorch", "device cpu", "fingerprint cpu", "data set digits"], name => Assert.Contains(name, findings));
    }

    [Fact]
    public async Task Datasets_OnAnyMachine_HaveAtLeastDigits()
    {
        var datasets = await RunAsync("datasets", "--json");

        Assert.Equal(["digits", "mnist", "fashion-mnist", "cifar10", "cifar100"], datasets.Select(dataset => dataset.Text("name")));
        Assert.All(datasets, dataset => Assert.Equal("dataset", dataset.Kind));
        Assert.True(datasets[0].GetProperty("isFound").GetBoolean());
    }

    [Fact]
    public async Task BenchStep_OneRound_TimesOursBesideTheStockNetwork()
    {
        var report = Assert.Single(await RunAsync("bench", "step", "--rounds", "1", "--batch-size", "16", "--json"));

        var timings = report.GetProperty("timings").EnumerateArray().ToList();
        Assert.True(timings.Count >= 2);
        Assert.All(timings, timing => Assert.True(timing.Number("milliseconds") > 0 && timing.Number("ratio") > 0));
    }

    private static async Task<IReadOnlyList<JsonElement>> RunAsync(params string[] arguments)
    {
        await using var lcnn = await LcnnProcess.RunAsync(arguments);
        Assert.True(await lcnn.WaitForExitAsync() == 0, $"{lcnn}");
        Assert.All(lcnn.Events, line => Assert.Equal(1, line.Whole("schema")));
        return lcnn.Events;
    }
}
