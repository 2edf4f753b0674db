using Lcnn.Distributed.Contracts.Cluster;
using Lcnn.Distributed.Grains.Placement;

namespace Lcnn.Distributed.UnitTests.Grains.Placement;

/// <summary>Silos with real ledgers, reached without a cluster.</summary>
internal sealed class FakeSilos(TimeProvider clock) : IClusterSilos
{
    public SortedDictionary<string, SlotLedger> Ledgers { get; } = new(StringComparer.Ordinal);

    public HashSet<string> Silent { get; } = [];

    public bool IsGrowing { get; set; }

    /// <summary>Called before a reservation, as another's would come in between.</summary>
    public Action<string> Reserving { get; set; } = _ => { };

    public SlotLedger Add(string silo, int? slots) =>
        Ledgers[silo] = new SlotLedger(silo, new PlacementOptions { Slots = slots, Devices = "cpu" }, clock);

    /// <summary>Looks at all silos so far.</summary>
    public int Looks { get; private set; }

    /// <summary>What a look waits for.</summary>
    public Task Looking { get; set; } = Task.CompletedTask;

    public async Task<ClusterSlots> LookAsync(CancellationToken cancellationToken)
    {
        Looks++;
        await Looking;
        return Look();
    }

    private ClusterSlots Look() => new(
        [.. Ledgers.Select(entry => new SiloReport
        {
            Silo = entry.Key,
            IsDraining = entry.Value.IsDraining,
            IsUnlimited = entry.Value.IsUnlimited,
            Slots = Silent.Contains(entry.Key) ? [] : entry.Value.Report(),
        })],
        [.. Silent], IsGrowing);

    public Task<IReadOnlyList<DeviceSlot>?> ReserveAsync(GangShare share, CancellationToken cancellationToken)
    {
        Reserving(share.Silo);
        return Task.FromResult(Silent.Contains(share.Silo) ? null : Ledgers[share.Silo].Reserve(share.Holders));
    }

    public Task ReleaseAsync(string silo, string runId, int generation, CancellationToken cancellationToken)
    {
        if (!Silent.Contains(silo))
        {
            Ledgers[silo].Release(runId, generation);
        }

        return Task.CompletedTask;
    }

    public IEnumerable<SlotHolder> Holders() =>
        Ledgers.Values.SelectMany(ledger => ledger.Report()).Select(slot => slot.Holder).OfType<SlotHolder>();
}
