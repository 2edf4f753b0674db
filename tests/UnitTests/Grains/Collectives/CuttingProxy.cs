using System.Net;
using System.Net.Sockets;

namespace Lcnn.Distributed.UnitTests.Grains.Collectives;

/// <summary>Stands between two processes and cuts each connection after so many bytes of either side.</summary>
internal sealed class CuttingProxy : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly IPEndPoint _target;
    private readonly Func<int, long> _cutAfter;
    private int _connections;

    /// <param name="target">Host and port behind it.</param>
    /// <param name="cutAfter">Bytes that the connection of a number, from 0, lives for.</param>
    public CuttingProxy(string target, Func<int, long> cutAfter)
    {
        _target = IPEndPoint.Parse(target);
        _cutAfter = cutAfter;
        _listener.Start();
        _ = AcceptAsync();
    }

    public string Endpoint => _listener.LocalEndpoint.ToString()!;

    /// <summary>Connections after which none is let through any more.</summary>
    public int Stop { get; set; } = int.MaxValue;

    public int Connections => Volatile.Read(ref _connections);

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var stop = _stop.Token;
        try
        {
            while (true)
            {
                var near = await _listener.AcceptTcpClientAsync(stop);
                if (Connections >= Stop)
                {
                    near.Dispose();
                    continue;
                }

                var far = new TcpClient();
                await far.ConnectAsync(_target, stop);
                var budget = new Budget(_cutAfter(Interlocked.Increment(ref _connections) - 1));
                _ = PumpAsync(near, far, budget, stop);
                _ = PumpAsync(far, near, budget, stop);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private static async Task PumpAsync(TcpClient from, TcpClient to, Budget budget, CancellationToken stop)
    {
        var buffer = new byte[8192];
        try
        {
            int count;
            while ((count = budget.Take(await from.GetStream().ReadAsync(buffer, stop))) > 0)
            {
                await to.GetStream().WriteAsync(buffer.AsMemory(0, count), stop);
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // Cut from the other side.
        }
        finally
        {
            from.Dispose();
            to.Dispose();
        }
    }

    private sealed class Budget(long bytes)
    {
        private long _left = bytes;

        public int Take(int count) => Interlocked.Add(ref _left, -count) >= 0 ? count : 0;
    }
}
