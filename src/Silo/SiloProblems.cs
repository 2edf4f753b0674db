using Lcnn.Distributed.Client;

namespace Lcnn.Distributed.Silo;

/// <summary>Why a silo did not start, for people.</summary>
public static class SiloProblems
{
    /// <summary>A Redis that went away while the silo started: what its library says of that is a page long.</summary>
    /// <returns>Null if the problem is another.</returns>
    public static ClusterUnreachableException? OfRedis(Exception exception, ClusterAddress address)
    {
        ArgumentNullException.ThrowIfNull(exception);
        ArgumentNullException.ThrowIfNull(address);
        return exception is not ClusterUnreachableException && address.IsRedis && RedisProblems.InShort(exception) is { } problem
            ? RedisProblems.CannotBeUsed(address, $"it was there, but then: {problem}; mend the network to it, and start the silo again", exception)
            : null;
    }
}
