using Lcnn.Distributed.Contracts.Workers;

namespace Lcnn.Distributed.Grains.Placement;

/// <summary>Takes no new workers, has the runs of those here take a snapshot and go on elsewhere, and waits until they have left.</summary>
internal sealed class SiloDrain(SlotLedger slots, ILocalSiloDetails silo, IGrainFactory grains) : ISiloDrain
{
    /// <inheritdoc/>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        slots.Drain();
        var address = silo.SiloAddress.ToParsableString();
        var freed = slots.WhenFreed();
        await Task.WhenAll(slots.Runs().Select(run => grains.GetGrain<IWorkerReports>(run).DrainAsync(address, cancellationToken)));
        await freed.WaitAsync(cancellationToken);
    }
}
