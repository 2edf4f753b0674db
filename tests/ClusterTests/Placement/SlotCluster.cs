using Lcnn.Distributed.Client;
using Lcnn.Distributed.Contracts.Cluster;
using Lcnn.Distributed.Grains.Placement;
using Lcnn.Distributed.Grains.Runs;
using Lcnn.Distributed.Silo;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.TestingHost;

namespace Lcnn.Distributed.ClusterTests.Placement;

/// <summary>Silos in this process with two slots each.</summary>
internal sealed class SlotCluster : IAsyncDisposable
{
    public const int SlotsPerSilo = 2;

    private readonly InProcessTestCluster _cluster;

    private SlotCluster(InProcessTestCluster cluster) => _cluster = cluster;

    public LcnnClient Client => new(Grains);

    public IGrainFactory Grains => Survivor.GetRequiredService<IGrainFactory>();

    public IGangPlacementGrain Gangs => Grains.GetGrain<IGangPlacementGrain>(0);

    public IReadOnlyList<InProcessSiloHandle> Silos => [.. _cluster.Silos.Where(silo => silo.IsActive)];

    public InProcessSiloHandle SiloOfGangs => SiloOf(Gangs);

    public InProcessSiloHandle SiloOf(IAddressable grain) =>
        _cluster.TryGetGrainContext(grain.GetGrainId(), out var context) ? _cluster.GetSiloForAddress(context.Address.SiloAddress!)! : throw new InvalidOperationException("not active");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // Not the client of the cluster: it may be connected to a silo that a test kills.
    private IServiceProvider Survivor => Silos[^1].ServiceProvider;

    public static async Task<SlotCluster> StartAsync(short silos)
    {
        var builder = new InProcessTestClusterBuilder(silos);
        builder.ConfigureSilo((_, silo) => silo.AddLcnn().Services
            .Configure<PlacementOptions>(options => (options.Slots, options.Devices) = (SlotsPerSilo, "cpu"))
            .Configure<RunOptions>(options => options.WaitingNotice = TimeSpan.Zero));
        builder.ConfigureSiloHost((_, host) => host.Logging.SetMinimumLevel(LogLevel.Critical));
        var cluster = builder.Build();
        await cluster.DeployAsync(Cancellation);
        return new SlotCluster(cluster);
    }

    public ISiloSlotsGrain SlotsOf(string silo) => Grains.GetGrain<ISiloSlotsGrain>(silo);

    public SlotLedger LedgerOf(string silo) =>
        Silos.Single(handle => Address(handle) == silo).ServiceProvider.GetRequiredService<SlotLedger>();

    public Task<IReadOnlyList<DeviceSlot>?> AskAsync(string runId, int minimum, int maximum, int submitted, int generation = 1, params string[] avoid) =>
        Gangs.RequestAsync(new GangRequest(runId, generation, minimum, maximum, DateTimeOffset.UnixEpoch.AddSeconds(submitted), avoid), Cancellation);

    /// <summary>Kills a silo, and tells the others at once instead of waiting for their probes to fail.</summary>
    public async Task KillAsync(InProcessSiloHandle silo)
    {
        await _cluster.KillSiloAsync(silo, Cancellation);
        Assert.True(await Survivor.GetRequiredService<IClusterMembershipService>().TryKill(silo.SiloAddress));
        foreach (var other in Silos)
        {
            await foreach (var update in other.ServiceProvider.GetRequiredService<IClusterMembershipService>().MembershipUpdates.WithCancellation(Cancellation))
            {
                if (update.GetSiloStatus(silo.SiloAddress) == SiloStatus.Dead)
                {
                    break;
                }
            }
        }
    }

    public static string Address(InProcessSiloHandle silo) => silo.SiloAddress.ToParsableString();

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();
}
