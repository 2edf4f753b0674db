using Lcnn.Distributed.ClusterTests.Placement;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Grains.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Lcnn.Distributed.ClusterTests.Runs;

/// <summary>A silo that does not reach the store while another one does.</summary>
[Collection(nameof(OwnTraining))]
public sealed class StoreCutOffTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lcnn-cut-off-").FullName;
    private SlotCluster _cluster = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _cluster = await SlotCluster.StartAsync(2);

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Coordinator_ItsSiloIsCutOffFromTheStore_GoesOnOnAnotherWithTheSameWorkers()
    {
        var run = await _cluster.Client.StartAsync(
            Recipes.Default() with { Epochs = 1_000_000, BatchSize = 32, Workers = 2, TrainLimit = 64, CurvatureSamples = 0, Schedule = "constant", OutputDirectory = _folder },
            Token);
        await run.FirstAsync<SnapshotCommitted>();
        var coordinator = _cluster.Grains.GetGrain<IRunCoordinatorGrain>(run.Id);
        var before = _cluster.SiloOf(coordinator);
        var reach = before.ServiceProvider.GetRequiredService<StoreReach>();

        reach.Note(isReached: false);
        Assert.True(reach.NoteCutOff());

        var status = await run.GetStatusAsync(Token);
        await run.FirstAsync<StepCompleted>(made => made.Step >= status.Step + 40);
        Assert.Equal(1, (await run.GetStatusAsync(Token)).Generation);
        Assert.NotEqual(before.SiloAddress, _cluster.SiloOf(coordinator).SiloAddress);
        await run.CancelAsync("seen enough", Token);
        Assert.IsType<RunCancelled>(await run.EndAsync());
    }
}
