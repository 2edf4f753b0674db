using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Lcnn.Distributed.Client;
using Lcnn.Distributed.Grains.Collectives;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using SiloOptions = Lcnn.Distributed.Silo.Configuration.SiloOptions;

namespace Lcnn.Distributed.Silo.Clustering;

/// <summary>Where a silo listens, and what it tells others of that.</summary>
internal static class SiloEndpoints
{
    public static void Apply(EndpointOptions endpoints, ClusterAddress address, SiloOptions options)
    {
        var advertised = Advertised(address, options.AdvertisedAddress);
        var listening = Listening(advertised, options.ListenAddress);
        CheckDoors(listening, options);
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
        transport.ListenAddress = Listening(advertised, options.ListenAddress).ToString();
        transport.ListenPort = options.UsedStreamPort;
        transport.AdvertisedHost = advertised.ToString();
    }

    /// <summary>The address as given, else the one from which this machine reaches Redis.</summary>
    /// <exception cref="ClusterUnreachableException">The name given, or the host of Redis, is not known, or no address of Redis can be reached.</exception>
    public static IPAddress Advertised(ClusterAddress address, string given)
    {
        if (given.Length > 0)
        {
            return Resolve(given, "the address to advertise", "--advertise");
        }

        try
        {
            return address.IsRedis ? Towards(Resolve(address.Host)) : IPAddress.Loopback;
        }
        catch (SocketException exception)
        {
            throw RedisProblems.Unreachable(address, exception);
        }
    }

    /// <summary>The address from which this machine reaches the first of some addresses to which it has a way.</summary>
    /// <exception cref="SocketException">It has a way to none.</exception>
    public static IPAddress Towards(IReadOnlyList<IPAddress> targets)
    {
        for (var i = 0; ; i++)
        {
            try
            {
                return Towards(targets[i]);
            }
            catch (SocketException) when (i < targets.Count - 1)
            {
                // A name may have addresses of a family that this machine is not connected by.
            }
        }
    }

    // IPv4 first.
    private static IReadOnlyList<IPAddress> Resolve(string host) =>
        IPAddress.TryParse(host, out var address) ? [address]
        : Dns.GetHostAddresses(host) is { Length: > 0 } found ? [.. found.OrderBy(candidate => candidate.AddressFamily != AddressFamily.InterNetwork)]
        : throw new SocketException((int)SocketError.HostNotFound);

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

    /// <summary>Where it listens: as given, else not wider than needed.</summary>
    /// <exception cref="ClusterUnreachableException">The name given is not known.</exception>
    public static IPAddress Listening(IPAddress advertised, string given) =>
        given.Length > 0 ? Resolve(given, "the address to listen at", "--listen")
        : IsOwn(advertised) ? advertised : advertised.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any;

    private static IPAddress Resolve(string given, string what, string option)
    {
        try
        {
            return Resolve(given)[0];
        }
        catch (SocketException exception)
        {
            throw new ClusterUnreachableException(
                $"{what}, '{given}', is not known to this machine; mend the name or the DNS, or give an IP address ({option})", exception);
        }
    }

    private static void CheckDoors(IPAddress listening, SiloOptions options)
    {
        var isOpen = !IPAddress.IsLoopback(listening) && !options.Insecure;
        var problem = !isOpen ? null
            : options.TlsFolder is null
                ? $"at {listening} it is reached from other machines, and without certificates whoever reaches its ports may do anything with it: give --tls FOLDER ('lcnn ca' makes certificates), --advertise 127.0.0.1, or --insecure where the network itself is closed"
            : options.RunRoots.Length == 0
                ? $"at {listening} it is reached from other machines, whose users would write wherever it may: give --run-roots with the folders that runs may use, such as the shared one"
            : null;
        if (problem is not null)
        {
            throw new OptionsValidationException(nameof(SiloOptions), typeof(SiloOptions), [problem]);
        }
    }

    private static bool IsOwn(IPAddress address) => IPAddress.IsLoopback(address) || NetworkInterface.GetAllNetworkInterfaces()
        .SelectMany(network => network.GetIPProperties().UnicastAddresses).Any(own => own.Address.Equals(address));
}
