using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Lcnn.Distributed.Silo.Http;

/// <summary>Bounds the connections of one address: whoever opens as many as he can leaves room for the others, such as the probes.</summary>
internal sealed class AddressLimit
{
    /// <summary>Most connections of one address; a proxy before many pages has one for each that listens.</summary>
    public const int MaxConnections = 384;

    private readonly ConcurrentDictionary<IPAddress, int> _open = new();

    /// <summary>Closes a connection at once that is one too many.</summary>
    public ConnectionDelegate Guard(ConnectionDelegate next) => async connection =>
    {
        if (connection.RemoteEndPoint is not IPEndPoint { Address: var address })
        {
            await next(connection);
            return;
        }

        try
        {
            if (_open.AddOrUpdate(address, 1, static (_, open) => open + 1) <= MaxConnections)
            {
                await next(connection);
            }
        }
        finally
        {
            if (_open.AddOrUpdate(address, 0, static (_, open) => open - 1) <= 0)
            {
                _open.TryRemove(new KeyValuePair<IPAddress, int>(address, 0));
            }
        }
    };
}
