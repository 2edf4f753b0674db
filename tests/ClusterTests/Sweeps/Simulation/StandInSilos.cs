using System.Collections.Immutable;
using System.Net;
using Lcnn.Distributed.Contracts.Cluster;
using Lcnn.Distributed.Grains.Placement;

namespace Lcnn.Distributed.ClusterTests.Sweeps.Simulation;

/// <summary>Silos that are there for their slots alone: real ledgers, answered for without a process.</summary>
internal sealed class StandInSilos
{
    private readonly Dictionary<string, SlotLedger> _ledgers;
    private int _looks;

    public StandInSilos(int count, int slots)
    {
        var silos = Enumerable.Range(0, count).Select(index => SiloAddress.New(new IPEndPoint(IPAddress.Parse($"10.0.{index / 250}.{1 + (index % 250)}"), 11111), 1)).ToList();
        var options = new PlacementOptions { Slots = slots, Devices = "cpu", ReservationTimeout = TimeSpan.FromHours(1) };
        _ledgers = silos.ToDictionary(silo => silo.ToParsableString(), silo => new SlotLedger(silo.ToParsableString(), options, TimeProvider.System));
        Snapshot = new ClusterMembershipSnapshot(
            silos.ToImmutableDictionary(silo => silo, silo => new ClusterMember(silo, SiloStatus.Active, silo.ToString())), new MembershipVersion(1));
    }

    /// <summary>The membership as those see it who look for slots.</summary>
    public ClusterMembershipSnapshot Snapshot { get; }

    /// <summary>Looks at single silos so far.</summary>
    public int Looks => Volatile.Read(ref _looks);

    public SlotLedger LedgerOf(string silo) => _ledgers[silo];

    public int HeldCount => _ledgers.Values.Sum(ledger => ledger.Report().Count(slot => slot.Holder is not null));

    /// <summary>Answers a call to the slots of one of them.</summary>
    public object? Answer(string silo, string method, Func<int, object?> argument)
    {
        var ledger = _ledgers[silo];
        switch (method)
        {
            case nameof(ISiloSlotsGrain.GetAsync):
                Interlocked.Increment(ref _looks);
                return new SiloReport { Silo = silo, Name = silo, Slots = ledger.Report() };
            case nameof(ISiloSlotsGrain.ReserveAsync):
                return ledger.Reserve((IReadOnlyList<SlotHolder>)argument(0)!);
            default:
                ledger.Release((string)argument(0)!, (int)argument(1)!);
                return null;
        }
    }

    /// <summary>What whoever looks for slots has in the place of the membership.</summary>
    internal sealed class Members(StandInSilos silos, IClusterMembershipService membership) : SlotSilos(membership)
    {
        public override ClusterMembershipSnapshot Current => silos.Snapshot;
    }
}
