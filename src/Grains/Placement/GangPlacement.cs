using Lcnn.Distributed.Contracts.Cluster;

namespace Lcnn.Distributed.Grains.Placement;

/// <summary>Grants slots to gangs, whole or not at all, in the order of the queue.</summary>
/// <remarks>
/// It remembers nothing but the queue: what is granted, the silos know. So whoever takes its place goes on from what they hold and what
/// coordinators ask again; only the order of those that have not yet asked again, and whose turn it was, is open in the first seconds after a loss.
/// No two gangs can wait for each other: a silo either reserves its whole share or nothing, and when one of them cannot, all are released.
/// </remarks>
internal sealed class GangPlacement(GangQueue queue, IClusterSilos silos)
{
    private const int Attempts = 3;

    /// <summary>One slot for each rank in order; null while the run has to wait.</summary>
    /// <exception cref="GangTooLargeException">No number of free slots would be enough.</exception>
    /// <exception cref="SlotRefusedException">A later generation of the run has asked for slots.</exception>
    public async Task<IReadOnlyList<DeviceSlot>?> RequestAsync(GangRequest request, CancellationToken cancellationToken)
    {
        queue.Join(request);
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var cluster = await silos.LookAsync(cancellationToken);
            Refuse(request, cluster);
            var holding = SilosHolding(request, cluster);
            if (holding.Count > 0 && !cluster.IsCompleteFor(request))
            {
                return null; // a silo that is silent may have the rest of the gang
            }

            if (GangPlan.Granted(request, cluster) is { } granted)
            {
                return Granted(request, await ReserveAsync(granted, cancellationToken));
            }

            if (holding.Count > 0)
            {
                await ReleaseAsync(request, holding, cancellationToken); // what is left of a gang is of no use
                continue;
            }

            if (GangPlan.Find(request, queue.AheadOf(request), cluster) is not { } plan)
            {
                return null;
            }

            if (await TryReserveAsync(request, plan, cancellationToken) is { } slots)
            {
                return Granted(request, slots);
            }
        }

        return null;
    }

    /// <summary>How many slots the request would get now; nothing is kept for it.</summary>
    public async Task<int> CountGrantedAsync(GangRequest request, CancellationToken cancellationToken)
    {
        var cluster = await silos.LookAsync(cancellationToken);
        queue.Join(request);
        var plan = GangPlan.Find(request, queue.AheadOf(request), cluster);
        queue.Leave(request.RunId);
        return plan?.Shares.Sum(share => share.Holders.Count) ?? 0;
    }

    private IReadOnlyList<DeviceSlot>? Granted(GangRequest request, IReadOnlyList<DeviceSlot>? slots)
    {
        if (slots is not null)
        {
            queue.Grant(request);
        }

        return slots;
    }

    private void Refuse(GangRequest request, ClusterSlots cluster)
    {
        if (cluster.HeldBy(request.RunId).Any(held => held.Holder.Generation > request.Generation))
        {
            queue.Leave(request.RunId);
            throw new SlotRefusedException($"Generation {request.Generation} of run {request.RunId} asks for slots, but a later one has some");
        }

        if (cluster.IsTooSmallFor(request))
        {
            queue.Leave(request.RunId);
            throw new GangTooLargeException(
                $"Run {request.RunId} needs {request.Minimum} slots; the whole cluster has {cluster.Count}. Use fewer workers, or start more silos");
        }
    }

    private async Task<IReadOnlyList<DeviceSlot>?> ReserveAsync(GangPlan plan, CancellationToken cancellationToken)
    {
        var slots = await Task.WhenAll(plan.Shares.Select(share => silos.ReserveAsync(share, cancellationToken)));
        return slots.Contains(null) ? null : [.. slots.SelectMany(share => share!)];
    }

    private async Task<IReadOnlyList<DeviceSlot>?> TryReserveAsync(GangRequest request, GangPlan plan, CancellationToken cancellationToken)
    {
        IReadOnlyList<DeviceSlot>? slots = null;
        try
        {
            return slots = await ReserveAsync(plan, cancellationToken);
        }
        finally
        {
            if (slots is null)
            {
                await ReleaseAsync(request, plan.Shares.Select(share => share.Silo), CancellationToken.None);
            }
        }
    }

    private Task ReleaseAsync(GangRequest request, IEnumerable<string> from, CancellationToken cancellationToken) =>
        Task.WhenAll(from.Select(silo => silos.ReleaseAsync(silo, request.RunId, request.Generation, cancellationToken)));

    private static HashSet<string> SilosHolding(GangRequest request, ClusterSlots cluster) => cluster.HeldBy(request.RunId)
        .Where(held => held.Holder.Generation == request.Generation)
        .Select(held => held.Silo)
        .ToHashSet();
}
