using System.Globalization;
using Lcnn.Distributed.EndToEndTests.Cli;
using Lcnn.Distributed.EndToEndTests.Clusters;

namespace Lcnn.Distributed.EndToEndTests.Networks;

/// <summary>Steps over links of 100 Mbit/s, which their bytes fill, beside what <c>lcnn bench network</c> says of them.</summary>
public sealed class ShapedLinkTests
{
    private const double MostOverSimulated = 1.5; // cores shared with others; what leaves a silo once a rank takes twice as long
    private const double LeastOverSimulated = 0.9; // the shaper lets a burst pass

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Step_TwoSilosOverASlowLink_TakesAboutWhatTheSimulationSays(int workersPerSilo)
    {
        TestTier.SkipUnlessLong();
        var workers = (2 * workersPerSilo).ToString(CultureInfo.InvariantCulture);
        using var folder = new TemporaryFolder();
        await using var network = TestNetwork.Create("store", "a", "b");
        network.LimitRate("a", "100mbit");
        network.LimitRate("b", "100mbit");
        await using var redis = await RedisServer.StartOnAsync(network.On("store"), network.AddressOf("store"));
        await using var first = await StartAsync("a");
        await using var second = await StartAsync("b");

        await using var train = LcnnProcess.StartOn(
            network.On("store"), folder.Path,
            ["train", "--json", "--arch", "resnet18-lcnn", "--shards", "4", "--batch-size", "8", "--train-limit", "96", "--epochs", "1", "--test-limit", "10",
                "--curvature-samples", "0", "--workers", workers, "--out", folder["run"]],
            ("LCNN_CLUSTER", redis.Address));
        await train.CompletedAsync();

        var steps = train.OfKind("step").Skip(1).Select(step => 8000 / step.Number("samplesPerSecond")).Order().ToList();
        var simulated = await ReportLines.RunAsync(
            "bench", "network", "--json", "--image", "1x8x8", "--shards", "4", "--workers", workers, "--workers-per-silo", $"{workersPerSilo}",
            "--bandwidth", "0.1", "--round-trip-ms", "0.1", "--forward-ms", "80", "--backward-ms", "200", "--owner-ms", "300");
        var expected = simulated[0].GetProperty("rows")[0].Number("milliseconds");
        TestContext.Current.TestOutputHelper?.WriteLine($"median {steps[steps.Count / 2]:0} ms, simulated {expected:0} ms");
        Assert.InRange(steps[steps.Count / 2], LeastOverSimulated * expected, MostOverSimulated * expected);

        Task<SiloProcess> StartAsync(string host) => SiloProcess.StartOnAsync(
            network.On(host), redis.Address, folder.Path, fault: "", "--slots", $"{workersPerSilo}", "--advertise", network.AddressOf(host), "--insecure");
    }
}
