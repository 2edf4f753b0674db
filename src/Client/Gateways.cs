using System.Net;
using System.Net.Sockets;
using Orleans.Messaging;

namespace Lcnn.Distributed.Client;

/// <summary>The gateways that a cluster is known by, under the addresses that their names have at the moment: silos come and go behind a name.</summary>
/// <param name="address">The cluster's.</param>
/// <param name="resolve">Finds the addresses of a host.</param>
internal sealed class Gateways(ClusterAddress address, Func<string, CancellationToken, Task<IPAddress[]>> resolve) : IGatewayListProvider
{
    private volatile IList<Uri> _known = [];

    /// <inheritdoc/>
    public TimeSpan MaxStaleness { get; } = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public bool IsUpdatable => true;

    /// <summary>Every address of every gateway; host names that are not known are left out as long as one is.</summary>
    /// <exception cref="ClusterUnreachableException">None is known.</exception>
    public async Task<IPEndPoint[]> ResolveAsync(CancellationToken cancellationToken)
    {
        var found = new List<IPEndPoint>();
        var unknown = new List<string>();
        foreach (var gateway in address.Gateways)
        {
            try
            {
                found.AddRange((await resolve(gateway.Host, cancellationToken)).Select(host => new IPEndPoint(host, gateway.Port)));
            }
            catch (Exception exception) when (exception is SocketException or ArgumentException) // unknown, or no name at all
            {
                unknown.Add($"{gateway.Host}: {exception.Message}");
            }
        }

        return found.Count > 0 ? [.. found] : throw new ClusterUnreachableException(
            $"no gateway of {address} has a known address ({string.Join("; ", unknown)}); mend the host names");
    }

    /// <summary>As the other, for names that may not be known yet: the name of a service appears with its first silo.</summary>
    /// <exception cref="ClusterUnreachableException">None is known at the end of that time.</exception>
    public async Task ResolveWithinAsync(TimeSpan time, TimeSpan pause, TimeProvider clock, CancellationToken cancellationToken)
    {
        var since = clock.GetTimestamp();
        while (true)
        {
            try
            {
                _known = [.. (await ResolveAsync(cancellationToken)).Select(gateway => gateway.ToGatewayUri())];
                return;
            }
            catch (ClusterUnreachableException) when (clock.GetElapsedTime(since) < time)
            {
                await Task.Delay(pause, clock, cancellationToken);
            }
        }
    }

    /// <inheritdoc/>
    public Task InitializeGatewayListProvider() => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task<IList<Uri>> GetGateways()
    {
        try
        {
            _known = [.. (await ResolveAsync(CancellationToken.None)).Select(gateway => gateway.ToGatewayUri())];
        }
        catch (ClusterUnreachableException)
        {
            // A name service that is away for a while: those known before may still be there.
        }

        return _known;
    }
}
