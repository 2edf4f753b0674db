using Lcnn.Distributed.Contracts.Cluster;

namespace Lcnn.Distributed.Grains.Placement;

/// <summary>Which silos are to give slots to which ranks of a gang.</summary>
/// <param name="Shares">In order of their ranks.</param>
internal sealed record GangPlan(IReadOnlyList<GangShare> Shares)
{
    /// <summary>What the request was granted before, as the silos have it; null when they have no whole gang.</summary>
    public static GangPlan? Granted(GangRequest request, ClusterSlots cluster)
    {
        var held = cluster.HeldBy(request.RunId)
            .Where(held => held.Holder.Generation == request.Generation && !request.Avoid.Contains(held.Silo))
            .OrderBy(held => held.Holder.Rank)
            .ToList();
        var isWhole = held.Select(held => held.Holder.Rank).SequenceEqual(Enumerable.Range(0, held.Count));
        return isWhole && held.Count >= request.Minimum && held.Count <= request.Maximum
            ? new GangPlan([.. held.GroupBy(held => held.Silo, held => held.Holder).Select(share => new GangShare(share.Key, [.. share]))])
            : null;
    }

    /// <summary>As few silos as will do, those with most to give first; null while the run has to wait.</summary>
    /// <param name="request">What the run wants.</param>
    /// <param name="kept">Silos whose free slots are for others; of these it gets what it has already.</param>
    /// <param name="cluster">The slots.</param>
    public static GangPlan? Find(GangRequest request, KeptSilos kept, ClusterSlots cluster)
    {
        var shares = new List<GangShare>();
        var ranks = 0;
        foreach (var (silo, count) in cluster.UsableFor(request)
            .Select(silo => (silo.Silo, Count: CountFor(request, silo, ownOnly: kept.Contains(silo.Silo))))
            .OrderByDescending(silo => silo.Count)
            .ThenBy(silo => silo.Silo, StringComparer.Ordinal))
        {
            var taken = Math.Min(count, request.Maximum - ranks);
            if (taken > 0)
            {
                var share = Enumerable.Range(ranks, taken).Select(rank => new SlotHolder(request.RunId, request.Generation, rank));
                shares.Add(new GangShare(silo, [.. share]));
                ranks += taken;
            }
        }

        return ranks >= request.Minimum ? new GangPlan(shares) : null;
    }

    private static int CountFor(GangRequest request, SiloReport silo, bool ownOnly)
    {
        var own = silo.Slots.Count(slot => !slot.IsLeaving && slot.Holder?.RunId == request.RunId && slot.Holder.Generation < request.Generation);
        return ownOnly ? own
            : silo.IsUnlimited ? request.Maximum
            : own + silo.Slots.Count(slot => slot.Holder is null);
    }
}

/// <summary>A silo's part of a gang.</summary>
internal sealed record GangShare(string Silo, IReadOnlyList<SlotHolder> Holders);
