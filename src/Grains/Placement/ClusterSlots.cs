using Lcnn.Distributed.Contracts.Cluster;

namespace Lcnn.Distributed.Grains.Placement;

/// <summary>The slots of the cluster at one moment.</summary>
/// <param name="Silos">Every active silo; one that did not answer has no slots.</param>
/// <param name="Silent">Those that did not answer.</param>
/// <param name="IsGrowing">Whether a silo is about to join.</param>
internal sealed record ClusterSlots(IReadOnlyList<SiloReport> Silos, IReadOnlyList<string> Silent, bool IsGrowing)
{
    /// <summary>Slots of the idle cluster; a silo that leaves is most often replaced.</summary>
    public int Count => Silos.Sum(silo => silo.Slots.Count);

    /// <summary>Whether not even the idle cluster could serve the request.</summary>
    public bool IsTooSmallFor(GangRequest request) =>
        Silent.Count == 0 && !IsGrowing && !CouldServe(Silos, request);

    /// <summary>Whether all that the run has is known, but for the silos that it avoids anyway.</summary>
    public bool IsCompleteFor(GangRequest request) => !Silent.Except(request.Avoid).Any();

    /// <summary>Whether the request waits for slots that others will free, and not for other silos than there are.</summary>
    public bool CouldServe(GangRequest request) => CouldServe(UsableFor(request), request);

    /// <summary>The silos that the request may get slots of.</summary>
    public IEnumerable<SiloReport> UsableFor(GangRequest request) =>
        Silos.Where(silo => !silo.IsDraining && !request.Avoid.Contains(silo.Silo));

    /// <summary>What a run has, by silo.</summary>
    public IEnumerable<(string Silo, SlotHolder Holder)> HeldBy(string runId) => Silos
        .SelectMany(silo => silo.Slots, (silo, slot) => (silo.Silo, Holder: slot.Holder!))
        .Where(held => held.Holder?.RunId == runId);

    private static bool CouldServe(IEnumerable<SiloReport> silos, GangRequest request) =>
        silos.Any(silo => silo.IsUnlimited) || silos.Sum(silo => silo.Slots.Count) >= request.Minimum;
}
