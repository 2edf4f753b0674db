using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Lcnn.Distributed.EndToEndTests.Client;

/// <summary>Stands between clients and the gateway of a silo, and cuts their connections when told to.</summary>
internal sealed class GatewayProxy : IAsyncDisposable
{
    private readonly CancellationTokenSource _closing = new();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<TcpClient, bool> _open = new();
    private readonly IPEndPoint _gateway;
    private readonly Task _accepting;
    private int _connections;

    public GatewayProxy(int gatewayPort)
    {
        _gateway = new IPEndPoint(IPAddress.Loopback, gatewayPort);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>The address for <c>LCNN_CLUSTER</c>.</summary>
    public string Address => $"lcnn://{_listener.LocalEndpoint}";

    /// <summary>Connections made so far.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Cuts all connections; new ones are let through.</summary>
    public void Cut()
    {
        foreach (var end in _open.Keys)
        {
            end.Client.Close(0); // a reset, with what was on its way
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        _listener.Dispose();
        await _accepting;
        Cut();
        _closing.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var near = await _listener.AcceptTcpClientAsync(_closing.Token);
                var far = new TcpClient();
                await far.ConnectAsync(_gateway, _closing.Token);
                (_open[near], _open[far]) = (true, true);
                Interlocked.Increment(ref _connections);
                _ = PumpAsync(near, far);
                _ = PumpAsync(far, near);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task PumpAsync(TcpClient from, TcpClient to)
    {
        try
        {
            await from.GetStream().CopyToAsync(to.GetStream(), _closing.Token);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // Cut, here or by either end.
        }
        finally
        {
            _open.TryRemove(from, out _);
            from.Dispose();
            to.Dispose();
        }
    }
}
