using Orleans.Configuration;

namespace Lcnn.Distributed.Silo.Clustering;

/// <summary>How soon a silo that is gone counts as gone.</summary>
/// <remarks>
/// Three probes a second apart, each answered within a second: a killed silo is declared dead in 3 to 4 seconds. One voter suffices, since of
/// two silos only one is left to vote, and when two of three die at once the other vote would be a dead silo's; for the same reason
/// nobody is asked to probe on another's behalf. What bounds false alarms is time, not votes: the probe timeout grows up to
/// <see cref="ClusterMembershipOptions.MaxProbeTimeout"/> with the answers seen and with the prober's own delays, so that a busy machine gets
/// up to 12 seconds, and no vote is cast while the silo's messages still arrive.
/// </remarks>
internal static class MembershipTuning
{
    public static void Apply(ClusterMembershipOptions membership)
    {
        membership.ProbeTimeout = TimeSpan.FromSeconds(1);
        membership.MinProbeTimeout = TimeSpan.FromSeconds(1);
        membership.MaxProbeTimeout = TimeSpan.FromSeconds(4);
        membership.NumMissedProbesLimit = 3;
        membership.NumVotesForDeathDeclaration = 1;
        membership.EnableIndirectProbes = false;
        membership.EnableConnectionLivenessCheck = true;
        membership.ExtendProbeTimeoutDuringDegradation = true;
        membership.TableRefreshTimeout = TimeSpan.FromSeconds(5);

        // A silo that starts must reach all others that count as alive: 15 seconds after a power cut the dead ones no longer do.
        membership.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5);
        membership.NumMissedTableIAmAliveLimit = 3;
    }
}
