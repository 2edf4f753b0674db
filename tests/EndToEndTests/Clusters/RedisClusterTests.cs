namespace Lcnn.Distributed.EndToEndTests.Clusters;

/// <summary>One silo in a process of its own, found through Redis.</summary>
public sealed class RedisClusterTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private RedisServer? _redis;

    private string Cluster => _redis!.Address;

    public async ValueTask InitializeAsync() => _redis = await RedisServer.StartAsync(password: "s3cret");

    public async ValueTask DisposeAsync()
    {
        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }

        _folder.Dispose();
    }

    [Fact]
    public async Task Train_OnTheSilo_CompletesAndHidesThePassword()
    {
        await using var silo = await StartSiloAsync();

        await using var train = Start("train", "--json", "--epochs", "1", "--curvature-samples", "0", "--out", "remote");

        var completed = await train.CompletedAsync();
        Assert.Equal(WeightsFile.Sha256(Path.Combine(_folder.Path, "remote", "model.safetensors")), completed.Weights);
        Assert.Contains("lcnn/epoch", await _redis!.KeysAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", $"{silo.Process}{train}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Detach_ThenWatchAndCancel_EndsTheRunForAll()
    {
        await using var silo = await StartSiloAsync("--slots", "2");
        await using var train = Start("train", "--epochs", "100000", "--detach");
        Assert.Equal(0, await train.WaitForExitAsync());
        var run = Assert.Single(train.Output);

        await using var watch = Start("watch", run, "--json");
        await using var bystander = Start("watch", run);
        await watch.WaitForEventAsync("step");
        bystander.SendInterrupt();
        Assert.Equal(130, await bystander.WaitForExitAsync());
        await CheckListsAsync(run);
        await using var cancel = Start("cancel", run);

        Assert.True(await cancel.WaitForExitAsync() == 0, $"{cancel}");
        Assert.True(await watch.WaitForExitAsync() == 1, $"{watch}");
        Assert.Equal("cancelled", watch.Events[^1].Kind);
        Assert.Equal(Enumerable.Range(1, watch.Events.Count).Select(number => (long)number), watch.Events.Select(line => line.Whole("sequence")));
        Assert.Contains($"{run} goes on", string.Join('\n', bystander.Error), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Interrupt_OfTrain_CancelsTheRunWithASnapshot()
    {
        await using var silo = await StartSiloAsync();
        await using var train = Start("train", "--json", "--epochs", "100000");

        await train.WaitForEventAsync("step");
        train.SendInterrupt();

        Assert.True(await train.WaitForExitAsync() == 130, $"{train}");
        var cancelled = train.Events[^1];
        Assert.Equal("cancelled", cancelled.Kind);
        Assert.True(Directory.Exists(Path.Combine(_folder.Path, cancelled.Text("snapshot"))), $"{cancelled}");
    }

    [Fact]
    public async Task Silos_ASecondOneJoins_BothAreListedAndEachSeesTheOtherLeave()
    {
        await using var first = await StartSiloAsync("--name", "first", "--slots", "2");
        await using var second = await StartSiloAsync("--name", "second", "--slots", "3");
        await first.WaitForJoinAsync(second);

        await using var silos = Start("silos", "--json");
        Assert.True(await silos.WaitForExitAsync() == 0, $"{silos}");
        Assert.Equal(
            [("first", 2), ("second", 3)],
            silos.Events.Select(line => (line.Text("name"), line.GetProperty("slots").GetArrayLength())).Order());

        second.Kill9();
        await first.WaitForLossAsync(second);
        first.Terminate();
        Assert.True(await first.WaitForExitAsync() == 0, $"{first.Process}");
    }

    [Fact]
    public async Task Silo_KilledUnderARun_WatchersMissNothing()
    {
        await using var first = await StartSiloAsync("--name", "first", "--slots", "2");
        await using var second = await StartSiloAsync("--name", "second", "--slots", "2");
        await using var train = Start("train", "--json", "--epochs", "40", "--curvature-samples", "0", "--workers", "3", "--out", "killed");
        await train.WaitForEventAsync("snapshot");

        second.Kill9();

        var completed = await train.CompletedAsync();
        Assert.Equal(40, completed.Whole("epochs"));
        Assert.NotEmpty(train.OfKind("generation"));
        Assert.Equal(Enumerable.Range(1, train.Events.Count).Select(number => (long)number), train.Events.Select(line => line.Whole("sequence")));
    }

    [Fact]
    public async Task Runs_OfAFreshCluster_IsAnEmptyList()
    {
        await using var silo = await StartSiloAsync();

        await using var runs = Start("runs", "--json");

        Assert.True(await runs.WaitForExitAsync() == 0, $"{runs}");
        Assert.Empty(runs.Output);
    }

    [Fact]
    public async Task Watch_OfNoRun_IsNamed()
    {
        await using var silo = await StartSiloAsync();

        await using var watch = Start("watch", "run-nobody");

        Assert.Equal(2, await watch.WaitForExitAsync());
        Assert.StartsWith("error: run run-nobody is not known", Assert.Single(watch.Error), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_WithoutASilo_SaysSo()
    {
        await using var runs = Start("runs");

        Assert.Equal(1, await runs.WaitForExitAsync());
        Assert.StartsWith($"error: no silo of redis://:***@127.0.0.1:{_redis!.Port} answered", Assert.Single(runs.Error), StringComparison.Ordinal);
    }

    private async Task CheckListsAsync(string run)
    {
        await using var runs = Start("runs", "--json");
        Assert.True(await runs.WaitForExitAsync() == 0, $"{runs}");
        Assert.Equal((run, "training"), (Assert.Single(runs.Events).Text("runId"), runs.Events[0].Text("phase")));

        await using var silos = Start("silos", "--json");
        Assert.True(await silos.WaitForExitAsync() == 0, $"{silos}");
        var slots = Assert.Single(silos.Events).GetProperty("slots").EnumerateArray().ToList();
        Assert.Equal([(run, 0L), (run, 1L)], slots.Select(slot => (slot.Text("runId"), slot.Whole("rank"))));
    }

    private Task<SiloProcess> StartSiloAsync(params IReadOnlyList<string> arguments) => SiloProcess.StartAsync(Cluster, _folder.Path, arguments);

    private LcnnProcess Start(params IReadOnlyList<string> arguments) => LcnnProcess.Start(_folder.Path, arguments, ("LCNN_CLUSTER", Cluster));
}
