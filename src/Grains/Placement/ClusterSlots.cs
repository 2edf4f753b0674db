using Lcnn.Distributed.Contracts.Cluster;

namespace Lcnn.Distributed.Grains.Placement;

/// <summary>The slots of the cluster at one moment.</summary>
/// <param name="Silos">Every active silo; one that did not answer has no slots.</param>
/// <param name="Silent">Those that did not answer.</param>
/// <param name="IsGrowing">Whether a silo is about to join.</param>
internal sealed record ClusterSlots(IReadOnlyList<SiloReport> Silos, IReadOnlyList<string> Silent, bool IsGrowing)
{
    private ILookup<string, (string Silo, SlotHolder Holder)>? _held;

    /// <summary>Slots of the idle cluster; a silo that leaves is most often replaced.</summary>
    public int Count => Silos.Sum(silo => silo.Slots.Count);

    /// <summary>Whether not even the idle cluster could serve the request.</summary>
    public bool IsTooSmallFor(GangRequest request) =>
        Silent.Count == 0 && !IsGrowing && !CouldServe(Silos.Where(silo => request.Needs?.LackOf(silo) is null), request);

    /// <summary>Whether all that the run has is known, but for the silos that it avoids anyway.</summary>
    public bool IsCompleteFor(GangRequest request) => !Silent.Except(request.Avoid).Any();

    /// <summary>Whether the request waits for slots that others will free, and not for other silos than there are.</summary>
    public bool CouldServe(GangRequest request) => CouldServe(UsableFor(request), request);

    /// <summary>The silos that the request may get slots of.</summary>
    public IEnumerable<SiloReport> UsableFor(GangRequest request) =>
        Silos.Where(silo => !silo.IsDraining && !request.Avoid.Contains(silo.Silo) && request.Needs?.LackOf(silo) is null);

    /// <summary>Which silos can never give the request slots, and what they lack; empty where there are none.</summary>
    public string DescribeLacks(GangRequest request) => string.Concat(Silos.OrderBy(silo => silo.Name, StringComparer.Ordinal)
        .Select(silo => (silo.Name, Lack: request.Needs?.LackOf(silo))).Where(silo => silo.Lack is not null).Select(silo => $"; silo '{silo.Name}' lacks {silo.Lack}"));

    /// <summary>What a run has, by silo.</summary>
    public IEnumerable<(string Silo, SlotHolder Holder)> HeldBy(string runId)
    {
        _held ??= Silos
            .SelectMany(silo => silo.Slots, (silo, slot) => (silo.Silo, Holder: slot.Holder!))
            .Where(held => held.Holder is not null)
            .ToLookup(held => held.Holder.RunId);
        return _held[runId];
    }

    /// <summary>The slots as they are once a plan is carried out, for other runs that come after it.</summary>
    public ClusterSlots Promise(GangPlan plan)
    {
        var shares = plan.Shares.ToDictionary(share => share.Silo, share => share.Holders);
        return this with { Silos = [.. Silos.Select(silo => shares.TryGetValue(silo.Silo, out var holders) ? Promise(silo, holders) : silo)] };
    }

    private static SiloReport Promise(SiloReport silo, IReadOnlyList<SlotHolder> holders)
    {
        var (slots, next) = (silo.Slots.ToArray(), 0);
        foreach (var isOwn in new[] { true, false })
        {
            for (var index = 0; index < slots.Length && next < holders.Count; index++)
            {
                var holder = slots[index].Holder;
                if (isOwn ? holder?.RunId == holders[next].RunId && holder.Generation < holders[next].Generation && !slots[index].IsLeaving : holder is null)
                {
                    slots[index] = slots[index] with { Holder = holders[next++] };
                }
            }
        }

        return silo with { Slots = slots };
    }

    private static bool CouldServe(IEnumerable<SiloReport> silos, GangRequest request) =>
        silos.Any(silo => silo.IsUnlimited) || silos.Sum(silo => silo.Slots.Count) >= request.Minimum;
}
