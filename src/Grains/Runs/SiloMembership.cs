namespace Lcnn.Distributed.Grains.Runs;

/// <summary>What the membership says of silos that a run has written down.</summary>
internal static class SiloMembership
{
    /// <summary>Whether the silo, as <c>SiloAddress.ToParsableString</c> writes it, has left for good.</summary>
    public static bool HasLeft(this IClusterMembershipService membership, string silo) =>
        membership.CurrentSnapshot.GetSiloStatus(SiloAddress.FromParsableString(silo)) is SiloStatus.Dead or SiloStatus.None;
}
