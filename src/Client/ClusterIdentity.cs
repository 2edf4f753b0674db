using Orleans.Configuration;

namespace Lcnn.Distributed.Client;

/// <summary>What silos and clients must agree on to meet.</summary>
internal static class ClusterIdentity
{
    /// <summary>Name of the service unless told otherwise.</summary>
    public const string DefaultServiceId = "lcnn";

    /// <summary>Tells Orleans who we are; every key of ours in Redis begins with the service id, hence with the cluster's.</summary>
    public static void Apply(ClusterOptions options, string clusterId, string serviceId = DefaultServiceId)
    {
        ArgumentNullException.ThrowIfNull(options);
        (options.ClusterId, options.ServiceId) = (clusterId, $"{clusterId}/{serviceId}");
    }
}
