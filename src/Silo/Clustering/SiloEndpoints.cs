using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Lcnn.Distributed.Client;
using Lcnn.Distributed.Grains.Collectives;
using Orleans.Configuration;
using SiloOptions = Lcnn.Distributed.Silo.Configuration.SiloOptions;

namespace Lcnn.Distributed.Silo.Clustering;

/// <summary>Where a silo listens, and what it tells others of that.</summary>
internal static class SiloEndpoints
{
    public static void Apply(EndpointOptions endpoints, ClusterAddress address, SiloOptions options)
    {
        var advertised = Advertised(address, options.AdvertisedAddress);
        // Not wider than needed: nobody has to show who he is at these ports.
        var listening = IsOwn(advertised) ? advertised : IPAddress.Any;
        endpoints.AdvertisedIPAddress = advertised;
        endpoints.SiloPort = options.SiloPort;
        endpoints.GatewayPort = options.GatewayPort;
        endpoints.SiloListeningEndpoint = new IPEndPoint(listening, options.SiloPort);
        endpoints.GatewayListeningEndpoint = new IPEndPoint(listening, options.GatewayPort);
    }

    /// <summary>The same for the listener of gradients, whose streams do have to show who they are.</summary>
    public static void Apply(TransportOptions transport, ClusterAddress address, SiloOptions options)
    {
        var advertised = Advertised(address, options.AdvertisedAddress);
        transport.ListenAddress = (IsOwn(advertised) ? advertised : IPAddress.Any).ToString();
        transport.ListenPort = options.StreamPort;
        transport.AdvertisedHost = advertised.ToString();
    }

    /// <summary>The address as given, else the one from which this machine reaches Redis.</summary>
    public static IPAddress Advertised(ClusterAddress address, string given) =>
        given.Length > 0 ? Resolve(given)
        : address.IsRedis ? Towards(Resolve(address.Host))
        : IPAddress.Loopback;

    private static IPAddress Resolve(string host)
    {
        if (IPAddress.TryParse(host, out var address))
        {
            return address;
        }

        var addresses = Dns.GetHostAddresses(host);
        return Array.Find(addresses, candidate => candidate.AddressFamily == AddressFamily.InterNetwork) ?? addresses[0];
    }

    private static IPAddress Towards(IPAddress target)
    {
        if (IPAddress.IsLoopback(target))
        {
            return IPAddress.Loopback;
        }

        // Connecting a datagram socket sends nothing; it only chooses the route.
        using var socket = new Socket(target.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        socket.Connect(target, ClusterAddress.DefaultRedisPort);
        return ((IPEndPoint)socket.LocalEndPoint!).Address;
    }

    private static bool IsOwn(IPAddress address) => IPAddress.IsLoopback(address) || NetworkInterface.GetAllNetworkInterfaces()
        .SelectMany(network => network.GetIPProperties().UnicastAddresses).Any(own => own.Address.Equals(address));
}
