using Lcnn.Distributed.Client;
using Lcnn.Distributed.Contracts.Runs;
using Microsoft.Extensions.DependencyInjection;

namespace Lcnn.Distributed.ClusterTests.Runs;

/// <summary>What clients get of a run besides its events.</summary>
[Collection(nameof(ClusterFixture))]
public sealed class RunFilesTests(ClusterFixture cluster)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Metrics_OfAFinishedRun_AreItsEpochsAndItsReport()
    {
        var run = await cluster.Client.StartAsync(cluster.SmallSpec(), Cancellation);
        var events = await run.EventsAsync();

        var metrics = await run.GetMetricsAsync(Cancellation);

        Assert.Equal((run.Id, RunPhase.Completed), (metrics.RunId, metrics.Phase));
        Assert.Equal(events.OfType<EpochCompleted>().Select(Unnumbered), metrics.Epochs.Select(Unnumbered));
        Assert.Equal(metrics.Epochs.Skip(1), (await run.GetMetricsAsync(new EpochQuery { After = 1 }, Cancellation)).Epochs, SameJson);
        Assert.Equal(metrics.Epochs.TakeLast(1), (await run.GetMetricsAsync(new EpochQuery { Most = 1 }, Cancellation)).Epochs, SameJson);
        Assert.Equal(Unnumbered(events[^1]), Unnumbered(metrics.Final!));
        Assert.Equal(RunEventJson.Serialize(events[^1]), RunEventJson.Serialize(await run.WaitAsync(Cancellation)));
    }

    private static bool SameJson(RunEvent one, RunEvent other) => RunEventJson.Serialize(one) == RunEventJson.Serialize(other);

    private static string Unnumbered(RunEvent runEvent) => RunEventJson.Serialize(runEvent with { Sequence = 0, Time = default });

    [Fact]
    public async Task Download_OfARun_IsTheSnapshotByteForByte()
    {
        var spec = cluster.SmallSpec();
        var run = await cluster.Client.StartAsync(spec, Cancellation);
        var completed = Assert.IsType<RunCompleted>(await run.WaitAsync(Cancellation));

        var listed = await run.Snapshots.ListAsync(Cancellation);
        var (snapshot, path) = await run.Snapshots.DownloadAsync(null, cluster.NewFolder(), null, Cancellation);

        Assert.Equal([4L, 2L], listed.Select(entry => entry.Step));
        Assert.Equal((listed[0].Name, completed.WeightsSha256), (snapshot.Name, snapshot.WeightsSha256));
        foreach (var file in Directory.GetFiles(Path.Combine(spec.OutputDirectory, snapshot.Name)))
        {
            Assert.Equal(await File.ReadAllBytesAsync(file, Cancellation), await File.ReadAllBytesAsync(Path.Combine(path, Path.GetFileName(file)), Cancellation));
        }
    }

    [Fact]
    public async Task Snapshots_OfARunWhoseFolderIsGone_AreNamedAsSuch()
    {
        var spec = cluster.SmallSpec();
        var run = await cluster.Client.StartAsync(spec, Cancellation);
        await run.WaitAsync(Cancellation);
        Directory.Delete(spec.OutputDirectory, recursive: true);

        var exception = await Assert.ThrowsAsync<RunFolderNotFoundException>(() => run.Snapshots.ListAsync(Cancellation));

        Assert.Contains(spec.OutputDirectory, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_OfNoRun_AreRefusedByName()
    {
        var run = cluster.Client.Find("nobody");

        Assert.Equal("nobody", (await Assert.ThrowsAsync<RunNotFoundException>(() => run.GetMetricsAsync(Cancellation))).RunId);
        await Assert.ThrowsAsync<RunNotFoundException>(() => run.Snapshots.ListAsync(Cancellation));
        await Assert.ThrowsAsync<RunNotFoundException>(() => run.WaitAsync(Cancellation));
    }

    [Theory]
    [InlineData("..", "state.json", 1)]
    [InlineData("step-4.g1.00000000", "../../state.json", 1)]
    [InlineData("step-4.g1.00000000", "state.json", 1)]
    public async Task Reader_AskedForAPath_RefusesIt(string snapshot, string file, int count)
    {
        var run = await cluster.Client.StartAsync(cluster.SmallSpec(), Cancellation);
        await run.WaitAsync(Cancellation);
        var listing = await cluster.Grains.GetGrain<IRunCoordinatorGrain>(run.Id).ListSnapshotsAsync(Cancellation);
        var reader = cluster.Grains.GetGrain<ISnapshotFilesGrain>(listing.Reader);

        await Assert.ThrowsAsync<SnapshotNotFoundException>(() => reader.ReadAsync(snapshot, file, 0, count, Cancellation));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            () => reader.ReadAsync(snapshot, file, 0, ISnapshotFilesGrain.MaxBlockBytes + 1, Cancellation));
    }

    [Fact]
    public async Task Launcher_OfTheSilosOwnHost_LaunchesRunsOnIt()
    {
        var launcher = cluster.SiloServices.GetRequiredService<IRunLauncher>();

        var run = await launcher.StartAsync(cluster.SmallSpec(), Cancellation);

        Assert.IsType<RunCompleted>(await run.WaitAsync(Cancellation));
        Assert.Same(launcher, cluster.SiloServices.GetRequiredService<LcnnClient>());
    }
}
