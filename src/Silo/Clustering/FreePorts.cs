using System.Net;
using System.Net.Sockets;
using Lcnn.Distributed.Silo.Configuration;

namespace Lcnn.Distributed.Silo.Clustering;

/// <summary>Ports that nobody uses just now.</summary>
public static class FreePorts
{
    /// <summary>Some free ports, all different.</summary>
    public static IReadOnlyList<int> Find(int count)
    {
        // All listeners live until every port is known, so that no two are the same.
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        try
        {
            listeners.ForEach(listener => listener.Start());
            return [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        }
        finally
        {
            listeners.ForEach(listener => listener.Dispose());
        }
    }

    /// <summary>Puts free ports in place of zeros, which Orleans cannot do itself.</summary>
    internal static void Fill(SiloOptions options)
    {
        var ports = Find(2);
        options.SiloPort = options.SiloPort == 0 ? ports[0] : options.SiloPort;
        options.GatewayPort = options.GatewayPort == 0 ? ports[1] : options.GatewayPort;
    }
}
