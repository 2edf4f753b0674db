using System.Text.Json;
using Lcnn.Distributed.EndToEndTests.Data;

namespace Lcnn.Distributed.EndToEndTests.Clusters;

/// <summary>Promise P1 on Fashion-MNIST: any number of silo processes, any transport, one result.</summary>
public sealed class FashionMnistOnSilosTests : IAsyncLifetime
{
    private static readonly string[] _transports = ["memory", "stream", "grain"];

    private readonly TemporaryFolder _folder = new();
    private RedisServer? _redis;

    public async ValueTask InitializeAsync()
    {
        FashionMnist.SkipIfMissing();
        FashionMnist.CopyFirst(600, 200, _folder.Make("data"));
        _redis = await RedisServer.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }

        _folder.Dispose();
    }

    [Fact]
    public async Task Weights_OneTwoAndThreeSilosByAllTransports_AreTheSame() =>
        await CheckSameWeightsAsync([(1, "memory"), (2, "stream"), (3, "grain")], samples: 512, "--data-dir", _folder["data"], "--train-limit", "512");

    [Fact]
    public async Task Weights_EveryNumberOfSilosByEveryTransportOnAllSamples_AreTheSame()
    {
        TestTier.SkipUnlessLong();

        await CheckSameWeightsAsync(
            [.. from silos in new[] { 1, 2, 3 } from transport in _transports select (silos, transport)], samples: 60_000);
    }

    private async Task CheckSameWeightsAsync(IReadOnlyList<(int Silos, string Transport)> ways, int samples, params string[] arguments)
    {
        var weights = new HashSet<string>();
        foreach (var (silos, transport) in ways)
        {
            var completed = await TrainAsync(silos, transport, arguments);
            TestContext.Current.TestOutputHelper?.WriteLine(
                $"{silos} silos, {transport}: {completed.Weights}, {completed.Number("samplesPerSecond"):0} samples/s");
            weights.Add(completed.Weights);
            var ranks = completed.GetProperty("ranks").EnumerateArray().ToList();
            Assert.Equal(samples, ranks.Sum(rank => rank.Whole("samples")));
            Assert.All(ranks, rank => AssertSentOnlyBy(transport, rank));
        }

        Assert.Single(weights);
    }

    // Memory reaches no other process: there the silos are large enough for the whole run, elsewhere each has one worker, but never less than two.
    private async Task<JsonElement> TrainAsync(int silos, string transport, string[] arguments)
    {
        var workers = Math.Max(2, silos);
        var slots = transport == "memory" ? workers : workers / silos;
        var started = new List<SiloProcess>();
        try
        {
            var cluster = $"{_redis!.Address}?cluster={transport}-{silos}";
            for (var i = 0; i < silos; i++)
            {
                started.Add(await SiloProcess.StartAsync(cluster, _folder.Path, "--slots", $"{slots}"));
            }

            await using var train = LcnnProcess.Start(
                _folder.Path,
                ["train", "--json", "--dataset", "fashion-mnist", "--epochs", "1", "--shards", "4", "--curvature-samples", "0", "--workers", $"{workers}",
                    "--transport", transport, "--out", _folder[$"{transport}-{silos}"], .. arguments],
                ("LCNN_CLUSTER", cluster));
            var completed = await train.CompletedAsync();
            var used = train.OfKind("started")[0].GetProperty("ranks").EnumerateArray().Select(rank => rank.Text("silo")).Distinct();
            Assert.Equal(transport == "memory" ? 1 : silos, used.Count());
            return completed;
        }
        finally
        {
            foreach (var silo in started)
            {
                await silo.DisposeAsync();
            }
        }
    }

    private static void AssertSentOnlyBy(string transport, JsonElement rank)
    {
        var sent = rank.GetProperty("bytesSent").EnumerateObject().ToDictionary(entry => entry.Name, entry => entry.Value.GetInt64());
        Assert.All(sent, entry => Assert.Equal(entry.Key == transport, entry.Value > 0));
        Assert.Contains(transport, sent.Keys);
    }
}
