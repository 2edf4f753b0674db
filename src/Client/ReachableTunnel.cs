using System.Net;
using System.Net.Sockets;
using StackExchange.Redis;
using StackExchange.Redis.Configuration;

namespace Lcnn.Distributed.Client;

/// <summary>Lets StackExchange.Redis connect by <see cref="ReachableSocket"/>, each time anew: names move.</summary>
internal sealed class ReachableTunnel(TimeSpan patience) : Tunnel
{
    /// <inheritdoc/>
    public override ValueTask<EndPoint?> GetSocketConnectEndpointAsync(EndPoint endpoint, CancellationToken cancellationToken) => new((EndPoint?)null);

    /// <inheritdoc/>
    public override async ValueTask<Stream?> BeforeAuthenticateAsync(
        EndPoint endpoint, ConnectionType connectionType, Socket? socket, CancellationToken cancellationToken)
    {
        var (host, port) = endpoint switch
        {
            DnsEndPoint name => (name.Host, name.Port),
            IPEndPoint address => (address.Address.ToString(), address.Port),
            _ => throw new NotSupportedException($"{endpoint} is no address of a Redis"),
        };
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(patience);
        return new NetworkStream(await ReachableSocket.ConnectAsync(host, port, timeout.Token), ownsSocket: true);
    }
}
