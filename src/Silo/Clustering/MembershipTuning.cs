using Orleans.Configuration;

namespace Lcnn.Distributed.Silo.Clustering;

/// <summary>How soon a silo that is gone counts as gone.</summary>
/// <remarks>
/// Three probes a second apart, each answered within a second: a killed silo is declared dead in 3 to 4 seconds. Two silos must have seen that,
/// or one that is sick itself could evict all those that it probes; of two silos only one is left to vote, and Orleans then asks for no more.
/// Up to eleven silos all probe each other, so that the second vote comes with the first; nobody is asked to probe on another's behalf, who
/// may be dead too. When two of three die at once, the second vote would be a dead silo's: it is done without once that silo has not said for
/// ten seconds that it is alive. Time bounds false alarms as well: the probe timeout grows up to
/// <see cref="ClusterMembershipOptions.MaxProbeTimeout"/> with the answers seen and with the prober's own delays, so that a busy machine gets
/// up to 6 seconds, and no vote is cast while the silo's messages still arrive. A host that vanishes in silence, whose probes nobody refuses, gets as many.
/// </remarks>
internal static class MembershipTuning
{
    public static void Apply(ClusterMembershipOptions membership)
    {
        membership.ProbeTimeout = TimeSpan.FromSeconds(1);
        membership.MinProbeTimeout = TimeSpan.FromSeconds(1);
        membership.MaxProbeTimeout = TimeSpan.FromSeconds(2);
        membership.NumMissedProbesLimit = 3;
        membership.NumVotesForDeathDeclaration = 2;
        membership.EnableIndirectProbes = false;
        membership.EnableConnectionLivenessCheck = true;
        membership.ExtendProbeTimeoutDuringDegradation = true;
        membership.TableRefreshTimeout = TimeSpan.FromSeconds(5);

        // A silo that starts must reach all others that count as alive: ten seconds after a power cut the dead ones no longer do.
        membership.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(2);
        membership.NumMissedTableIAmAliveLimit = 5;
    }
}
