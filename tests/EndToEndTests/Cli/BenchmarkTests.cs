using System.Text.Json;

namespace Lcnn.Distributed.EndToEndTests.Cli;

/// <summary>Every benchmark in small: that it measures, not how fast anything is.</summary>
public sealed class BenchmarkTests
{
    [Fact]
    public async Task Step_OneRound_TimesOursBesideTheStockNetwork()
    {
        var timings = await RowsAsync("timings", "step", "--rounds", "1", "--batch-size", "16");

        Assert.True(timings.Count >= 2);
        Assert.All(timings, timing => Assert.True(timing.Number("milliseconds") > 0 && timing.Number("ratio") > 0));
    }

    [Fact]
    public async Task AllReduce_EveryTransport_TimesEverySize()
    {
        var rows = await RowsAsync("rows", "allreduce", "--rounds", "2", "--megabytes", "0.1,1");

        Assert.Equal(
            [("memory", 0.1), ("memory", 1), ("stream", 0.1), ("stream", 1), ("grain", 0.1), ("grain", 1)],
            rows.Select(row => (row.Text("transport"), row.Number("megabytes"))));
        Assert.All(rows, row => Assert.Equal(row.Number("megabytes") / row.Number("milliseconds"), row.Number("gigabytesPerSecond"), 1e-9));
    }

    [Fact]
    public async Task Scaling_TwoRounds_SetsTwoWorkersBesideTwoRuns()
    {
        var rows = await RowsAsync("rows", "scaling", "--rounds", "2", "--steps", "3", "--dataset", "digits", "--batch-norm", "global", "--processes", "turns");

        Assert.Equal(["single", "independent", "memory", "stream", "stream, TLS"], rows.Select(row => row.Text("variant")));
        Assert.All(rows.Skip(2), row => Assert.InRange(
            row.Number("efficiency"), row.Number("least") / rows[1].Number("most"), row.Number("most") / rows[1].Number("least")));
        var phases = rows[3].GetProperty("phases");
        Assert.All(["data", "forward", "backward", "exchange", "owner", "bytesSent"], phase => Assert.True(phases.Number(phase) > 0, $"{phase}: {phases}"));
    }

    [Fact]
    public async Task Ping_FewCalls_TimesThemIdleAndBesideEveryExchange()
    {
        var rows = await RowsAsync("rows", "ping", "--pings", "10", "--dataset", "digits", "--arch", "resnet8-lcnn");

        Assert.Equal(["idle", "independent", "stream", "grain"], rows.Select(row => row.Text("variant")));
        Assert.All(rows, row => Assert.True(row.Number("p50") > 0 && row.Number("p50") <= row.Number("longest"), $"{row}"));
        Assert.Equal([false, false, true, true], rows.Select(row => row.Number("bytesSent") > 0));
    }

    [Fact]
    public async Task Sweep_FewTrials_TimesThemBesideTheSameRuns()
    {
        var report = Assert.Single(await ReportLines.RunAsync("bench", "sweep", "--trials", "10", "--train-limit", "16", "--json"));

        Assert.Equal(report.Number("sweepMilliseconds") - report.Number("loopMilliseconds"), report.Number("addedMilliseconds"), 1e-9);
    }

    private static async Task<IReadOnlyList<JsonElement>> RowsAsync(string name, params string[] arguments)
    {
        var report = Assert.Single(await ReportLines.RunAsync(["bench", .. arguments, "--json"]));
        Assert.Equal("bench", report.Kind);
        return [.. report.GetProperty(name).EnumerateArray()];
    }
}
