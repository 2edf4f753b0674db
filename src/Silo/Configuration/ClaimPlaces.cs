using Lcnn.Distributed.Client;
using Lcnn.Distributed.Data.Claims;

namespace Lcnn.Distributed.Silo.Configuration;

/// <summary>With which process the runs of a silo end, as far as their folders are concerned.</summary>
internal static class ClaimPlaces
{
    /// <summary>What Redis keeps goes on in any process; what the first silo keeps ends with it, and with the process that started it.</summary>
    public static ClaimPlace Of(ClusterAddress address, SiloOptions silo) =>
        address.IsRedis ? new ClaimPlace($"cluster {address.ClusterId}, silo {silo.Name} on {Environment.MachineName}", LivesWith: null)
        : silo.EndsWithParent ? ClaimPlace.With(ProcessMark.Parent)
        : silo.SiloPort == silo.PrimaryPort ? ClaimPlace.ThisProcess
        : ClaimPlace.With(process: null);
}
