namespace Lcnn.Distributed.Grains.Placement;

/// <summary>The silos that have slots: those of the membership.</summary>
internal class SlotSilos(IClusterMembershipService membership)
{
    /// <summary>The silos as they are now.</summary>
    public virtual ClusterMembershipSnapshot Current => membership.CurrentSnapshot;
}
