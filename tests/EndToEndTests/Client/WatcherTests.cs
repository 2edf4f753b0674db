using Lcnn.Distributed.EndToEndTests.Clusters;

namespace Lcnn.Distributed.EndToEndTests.Client;

/// <summary>Watchers that lose their connection, or sleep, while a run goes on.</summary>
public sealed class WatcherTests : IAsyncLifetime
{
    private static readonly TimeSpan _longSleep = TimeSpan.FromSeconds(70);

    private readonly TemporaryFolder _folder = new();
    private RedisServer? _redis;
    private SiloProcess? _silo;
    private GatewayConnections? _gateway;

    public async ValueTask InitializeAsync()
    {
        _redis = await RedisServer.StartAsync();
        _silo = await SiloProcess.StartAsync(_redis.Address, _folder.Path, "--slots", "2");
        _gateway = new GatewayConnections(_silo.Ready.Whole("gatewayPort"));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var part in new IAsyncDisposable?[] { _silo, _redis })
        {
            await (part?.DisposeAsync() ?? ValueTask.CompletedTask);
        }

        _folder.Dispose();
    }

    [Fact]
    public async Task Watch_ConnectionCutAgainAndAgain_SeesEveryEventOnce()
    {
        var (cuts, epochs) = TestTier.IsLong ? (4, 100) : (2, 50);
        var run = await LaunchAsync("--epochs", $"{epochs}");
        await using var watch = Start(_gateway!.Address, "watch", run, "--json");

        for (var cut = 1; cut <= cuts; cut++)
        {
            var position = watch.Events.Count;
            await watch.WaitForEventAsync(line => line.Whole("sequence") > position + 20);
            await _gateway.CutAsync();
        }

        await AssertAllSeenAsync(watch, "completed");
    }

    [Fact]
    public async Task Watch_ReaderThatLeaves_EndsWhileTheRunGoesOn()
    {
        var run = await LaunchAsync("--epochs", "100000");

        await using var watch = LcnnProcess.StartInShell(
            "\"$@\" | grep -m 1 step; exit ${PIPESTATUS[0]}", ["watch", run, "--json"], ("LCNN_CLUSTER", _gateway!.Address));

        Assert.Equal(141, await watch.WaitForExitAsync());
        Assert.Empty(watch.Error);
        await using var cancel = Start(_gateway.Address, "cancel", run);
        Assert.Equal(0, await cancel.WaitForExitAsync());
    }

    [Fact]
    public async Task Watch_AsleepUntilTheRunIsOver_HoldsUpNothingAndSeesEveryEventOnce()
    {
        var run = await LaunchAsync("--epochs", "30");
        await using var sleeper = Start(_gateway!.Address, "watch", run, "--json");
        await using var other = Start(_redis!.Address, "watch", run, "--json");
        await sleeper.WaitForEventAsync("step");

        sleeper.Send(PosixSignals.Stop);
        await AssertAllSeenAsync(other, "completed");
        var seenAsleep = sleeper.Events.Count;
        sleeper.Send(PosixSignals.Continue);

        await AssertAllSeenAsync(sleeper, "completed");
        Assert.Equal(other.Output, sleeper.Output);
        Assert.True(seenAsleep < other.Events.Count, "the sleeper was not asleep");
    }

    [Fact]
    public async Task Watch_AsleepForOverAMinute_SeesEveryEventOnce()
    {
        TestTier.SkipUnlessLong();
        var run = await LaunchAsync("--epochs", "100000");
        await using var sleeper = Start(_gateway!.Address, "watch", run, "--json");
        await using var other = Start(_redis!.Address, "watch", run, "--json");
        var fellAsleep = (await sleeper.WaitForEventAsync("step")).GetProperty("time").GetDateTimeOffset();

        sleeper.Send(PosixSignals.Stop);
        await other.WaitForEventAsync(line => line.GetProperty("time").GetDateTimeOffset() > fellAsleep + _longSleep);
        sleeper.Send(PosixSignals.Continue);
        await using var cancel = Start(_redis.Address, "cancel", run);

        await AssertAllSeenAsync(other, "cancelled");
        await AssertAllSeenAsync(sleeper, "cancelled");
        Assert.Equal(other.Output, sleeper.Output);
    }

    [Fact]
    public async Task Fetch_ThroughAGateway_CopiesTheRunsNewestSnapshot()
    {
        using var elsewhere = new TemporaryFolder();
        var run = await LaunchAsync("--epochs", "2", "--out", "remote");
        await using var watch = Start(_gateway!.Address, "watch", run, "--json");
        var completed = await watch.CompletedAsync();

        await using var fetch = LcnnProcess.Start(elsewhere.Path, ["fetch", run, "--out", "copy", "--json"], ("LCNN_CLUSTER", _gateway.Address));
        await using var unknown = Start(_gateway.Address, "fetch", run, "--snapshot", "../remote");

        Assert.True(await fetch.WaitForExitAsync() == 0, $"{fetch}");
        var copy = Assert.Single(fetch.Events).Text("path");
        Assert.StartsWith(elsewhere["copy"], copy, StringComparison.Ordinal);
        Assert.Equal(completed.Weights, WeightsFile.Sha256(Path.Combine(copy, "model.safetensors")));
        await using var eval = await LcnnProcess.RunAsync("eval", copy, "--curvature-samples", "0", "--json");
        Assert.Equal(completed.Number("testAccuracy"), Assert.Single(eval.Events).Number("testAccuracy"), 9);
        Assert.Equal(2, await unknown.WaitForExitAsync());
        Assert.StartsWith($"error: run {run} has no snapshot '../remote'", Assert.Single(unknown.Error), StringComparison.Ordinal);
    }

    private async Task<string> LaunchAsync(params IReadOnlyList<string> arguments)
    {
        await using var train = Start(_redis!.Address, ["train", "--detach", "--curvature-samples", "0", .. arguments]);
        Assert.True(await train.WaitForExitAsync() == 0, $"{train}");
        return Assert.Single(train.Output);
    }

    private static async Task AssertAllSeenAsync(LcnnProcess watch, string end)
    {
        await watch.WaitForExitAsync();
        Assert.True(watch.Events is [.., var last] && last.Kind == end, $"{watch}");
        Assert.Equal(Enumerable.Range(1, watch.Events.Count).Select(number => (long)number), watch.Events.Select(line => line.Whole("sequence")));
    }

    private LcnnProcess Start(string cluster, params IReadOnlyList<string> arguments) =>
        LcnnProcess.Start(_folder.Path, arguments, ("LCNN_CLUSTER", cluster));
}
