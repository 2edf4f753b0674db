using System.Net;
using System.Net.Sockets;

namespace Lcnn.Distributed.EndToEndTests.Dashboard;

/// <summary>One address for several silos, as a Kubernetes Service is: each connection goes to the first that takes it.</summary>
internal sealed class Service : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ending = new();
    private readonly IReadOnlyList<int> _ports;
    private readonly Task _serving;

    public Service(params IReadOnlyList<int> ports)
    {
        _ports = ports;
        _listener.Start();
        _serving = ServeAsync();
    }

    /// <summary>Where it is.</summary>
    public string Address => $"http://localhost:{((IPEndPoint)_listener.LocalEndpoint).Port}/";

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _listener.Dispose();
        await _serving;
        _ending.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                _ = PassAsync(await _listener.AcceptTcpClientAsync(_ending.Token));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task PassAsync(TcpClient client)
    {
        using (client)
        using (var silo = await ConnectAsync())
        {
            if (silo is not null)
            {
                await Task.WhenAny(client.GetStream().CopyToAsync(silo.GetStream(), _ending.Token), silo.GetStream().CopyToAsync(client.GetStream(), _ending.Token));
            }
        }
    }

    private async Task<TcpClient?> ConnectAsync()
    {
        foreach (var port in _ports)
        {
            var silo = new TcpClient();
            try
            {
                await silo.ConnectAsync(IPAddress.Loopback, port, _ending.Token);
                return silo;
            }
            catch (SocketException)
            {
                silo.Dispose();
            }
        }

        return null;
    }
}
