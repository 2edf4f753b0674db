using System.Net;
using System.Net.Sockets;

namespace Lcnn.Distributed.Client;

/// <summary>Connects to whichever address of a name answers first: a name may have addresses of a family that this machine cannot reach.</summary>
internal static class ReachableSocket
{
    private static readonly TimeSpan _headStart = TimeSpan.FromMilliseconds(250); // RFC 8305

    /// <exception cref="SocketException">The name is not known, or no address answers: then the most telling error.</exception>
    public static async Task<Socket> ConnectAsync(string host, int port, CancellationToken cancellationToken)
    {
        var addresses = IPAddress.TryParse(host, out var address) ? [address] : await Dns.GetHostAddressesAsync(host, cancellationToken);
        return addresses.Length == 0
            ? throw new SocketException((int)SocketError.HostNotFound)
            : await ConnectAsync(addresses, port, cancellationToken);
    }

    /// <summary>Tries one after the other, not waiting long for each; the first that answers counts.</summary>
    public static async Task<Socket> ConnectAsync(IReadOnlyList<IPAddress> addresses, int port, CancellationToken cancellationToken)
    {
        using var others = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var attempts = new List<Task<Socket>>();
        var failures = new List<Exception>();
        for (var next = 0; next < addresses.Count || attempts.Count > 0;)
        {
            if (next < addresses.Count)
            {
                attempts.Add(ConnectAsync(new IPEndPoint(addresses[next++], port), others.Token));
            }

            Task any = Task.WhenAny(attempts);
            await (next < addresses.Count ? Task.WhenAny(any, Task.Delay(_headStart, cancellationToken)) : any);
            foreach (var ended in attempts.Where(attempt => attempt.IsCompleted).ToList())
            {
                attempts.Remove(ended);
                if (ended.IsCompletedSuccessfully)
                {
                    await others.CancelAsync();
                    attempts.ForEach(DisposeLater);
                    return await ended;
                }

                failures.Add(ended.Exception?.InnerException ?? new OperationCanceledException(cancellationToken));
            }

            cancellationToken.ThrowIfCancellationRequested();
        }

        // "Refused" by one address says more than "unreachable" of the other.
        throw failures.MinBy(failure => failure is SocketException { SocketErrorCode: SocketError.NetworkUnreachable or SocketError.HostUnreachable or SocketError.AddressNotAvailable })!;
    }

    private static async Task<Socket> ConnectAsync(IPEndPoint place, CancellationToken cancellationToken)
    {
        var socket = new Socket(place.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(place, cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static void DisposeLater(Task<Socket> attempt) => attempt.ContinueWith(
        late =>
        {
            if (late.IsCompletedSuccessfully)
            {
                late.Result.Dispose();
            }
            else
            {
                _ = late.Exception; // seen
            }
        },
        TaskScheduler.Default);
}
