using Lcnn.Distributed.Grains.Collectives.Wire;
using Lcnn.Distributed.Grains.Telemetry;

namespace Lcnn.Distributed.Grains.Collectives.Links;

/// <summary>What the transports of a process had to put up with.</summary>
internal sealed class TransportCounters
{
    private readonly long[] _rejected = new long[Enum.GetValues<RejectReason>().Length];
    private long _stale;
    private long _duplicates;
    private long _dials;
    private long _fallbacks;

    /// <summary>Frames and blocks of another run or generation, dropped.</summary>
    public long Stale => Interlocked.Read(ref _stale);

    /// <summary>Parcels that had arrived before, dropped.</summary>
    public long Duplicates => Interlocked.Read(ref _duplicates);

    /// <summary>Connections dialled, failed ones too.</summary>
    public long Dials => Interlocked.Read(ref _dials);

    /// <summary>Pairs of processes that fell back to grains.</summary>
    public long Fallbacks => Interlocked.Read(ref _fallbacks);

    /// <summary>Connections and blocks turned away for a reason.</summary>
    public long Rejected(RejectReason reason) => Interlocked.Read(ref _rejected[(int)reason]);

    public void AddStale() => Interlocked.Increment(ref _stale);

    public void AddDuplicate() => Interlocked.Increment(ref _duplicates);

    public void AddDial() => Interlocked.Increment(ref _dials);

    public void AddFallback() => Interlocked.Increment(ref _fallbacks);

    public void AddRejected(RejectReason reason)
    {
        Interlocked.Increment(ref _rejected[(int)reason]);
        Measures.CountRefused("stream");
    }
}
