using System.Net;
using System.Net.Sockets;

namespace Lcnn.Distributed.Client;

/// <summary>Finds the addresses of the gateways that a cluster is known by.</summary>
internal static class Gateways
{
    /// <summary>Every address of every gateway; host names that are not known are left out as long as one is.</summary>
    /// <exception cref="ClusterUnreachableException">None is known.</exception>
    public static async Task<IPEndPoint[]> ResolveAsync(ClusterAddress address, CancellationToken cancellationToken)
    {
        var found = new List<IPEndPoint>();
        var unknown = new List<string>();
        foreach (var gateway in address.Gateways)
        {
            try
            {
                found.AddRange((await Dns.GetHostAddressesAsync(gateway.Host, cancellationToken)).Select(host => new IPEndPoint(host, gateway.Port)));
            }
            catch (Exception exception) when (exception is SocketException or ArgumentException) // unknown, or no name at all
            {
                unknown.Add($"{gateway.Host}: {exception.Message}");
            }
        }

        return found.Count > 0 ? [.. found] : throw new ClusterUnreachableException(
            $"no gateway of {address} has a known address ({string.Join("; ", unknown)}); mend the host names");
    }
}
