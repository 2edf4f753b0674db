using System.Text.Json;

namespace Lcnn.Distributed.EndToEndTests.Clusters;

/// <summary>Silos that do not see the folder their run's snapshots go to: a relative --out means another one in each working directory.</summary>
public sealed class SharedFolderTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private RedisServer? _redis;

    public async ValueTask InitializeAsync() => _redis = await RedisServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }

        _folder.Dispose();
    }

    [Fact]
    public async Task Run_OnSilosWithoutASharedFolder_IsRefusedNamingSiloAndFolder()
    {
        await using var here = await StartSiloAsync("here");
        await using var there = await StartSiloAsync("there");

        await using var train = Train("--epochs", "1", "--curvature-samples", "0", "--workers", "2");

        Assert.True(await train.WaitForExitAsync() == 2, $"{train}");
        var failed = Assert.Single(train.Events);
        var reader = failed.Text("error").StartsWith($"silo {here.Silo} does not see", StringComparison.Ordinal) ? "here" : "there";
        var (own, other) = reader == "here" ? (here, there) : (there, here);
        Assert.StartsWith(
            $"silo {own.Silo} does not see the snapshots that silo {other.Silo} writes: {_folder[reader]}/run: not the storage", failed.Text("error"), StringComparison.Ordinal);
        Assert.Contains("must be shared between silos", failed.Text("error"), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path, "*probe*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Run_OnSilosThatShareIt_LeavesNoProbe()
    {
        await using var first = await StartSiloAsync("here");
        await using var second = await StartSiloAsync("here");

        await using var train = Train("--epochs", "1", "--curvature-samples", "0", "--workers", "2");

        await train.CompletedAsync();
        Assert.Equal(2, SilosOf(train.OfKind("started")[0]));
        Assert.Empty(Directory.GetFileSystemEntries(_folder["here"], "*probe*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Run_ASiloWithoutItsFolderJoinsLater_GoesOnWithoutThatSilo()
    {
        var training = new Training(epochs: 20, samples: 1437, snapshotEvery: 20); // long enough for a silo to start under it
        await using var first = await StartSiloAsync("here");
        await using var second = await StartSiloAsync("here");
        await using var train = Train([.. training.Arguments, "--workers", "2"]);
        await train.WaitForEventAsync(line => line.Kind == "step" && line.Whole("step") >= 25);
        second.Kill9();
        await first.WaitForFirstStepAsync(after: 1); // not told by the run's events: whoever watched by the killed silo hears late

        await using var stranger = await StartSiloAsync("there");

        var completed = await train.CompletedAsync();
        Assert.Equal(await training.WeightsAsync(), completed.Weights);
        var change = train.OfKind("generation")[^1];
        Assert.Contains($"silo {stranger.Silo} ", change.Text("reason"), StringComparison.Ordinal);
        Assert.Contains($"{_folder["there"]}/run", change.Text("reason"), StringComparison.Ordinal);
        Assert.Equal(1, change.GetProperty("ranks").GetArrayLength());
        Assert.True(change.Whole("generation") <= 4, "it was asked again and again");
    }

    private static int SilosOf(JsonElement started) =>
        started.GetProperty("ranks").EnumerateArray().Select(rank => rank.Text("silo")).Distinct().Count();

    private Task<SiloProcess> StartSiloAsync(string workingDirectory) =>
        SiloProcess.StartAsync(_redis!.Address, _folder.Make(workingDirectory), "--slots", "1");

    private LcnnProcess Train(params IReadOnlyList<string> arguments) => LcnnProcess.Start(
        _folder.Path, ["train", "--json", "--out", "run", .. arguments], ("LCNN_CLUSTER", _redis!.Address));
}
