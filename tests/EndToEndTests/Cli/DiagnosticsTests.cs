namespace Lcnn.Distributed.EndToEndTests.Cli;

public sealed class DiagnosticsTests
{
    [Fact]
    public async Task Doctor_OnAMachineThatWorks_FindsItHealthy()
    {
        var report = Assert.Single(await ReportLines.RunAsync("doctor", "--json"));

        Assert.True(report.GetProperty("isHealthy").GetBoolean());
        var findings = report.GetProperty("findings").EnumerateArray().Select(finding => finding.Text("name")).ToList();
        Assert.All(["operating system", "libtorch", "device cpu", "fingerprint cpu", "data set digits"], name => Assert.Contains(name, findings));
    }

    [Fact]
    public async Task Datasets_OnAnyMachine_HaveAtLeastDigits()
    {
        var datasets = await ReportLines.RunAsync("datasets", "--json");

        Assert.Equal(["digits", "mnist", "fashion-mnist", "cifar10", "cifar100"], datasets.Select(dataset => dataset.Text("name")));
        Assert.All(datasets, dataset => Assert.Equal("dataset", dataset.Kind));
        Assert.True(datasets[0].GetProperty("isFound").GetBoolean());
    }
}
