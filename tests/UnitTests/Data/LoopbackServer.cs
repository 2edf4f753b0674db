using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Lcnn.Distributed.UnitTests.Data;

/// <summary>What to answer: a status line, headers, the bytes to send, and whether to hold the connection open after them.</summary>
internal sealed record LoopbackAnswer(string Status, byte[] Body, string Headers = "", long? ClaimedLength = null, bool Hang = false);

/// <summary>An HTTP server on 127.0.0.1 that answers one request per connection as the test says.</summary>
internal sealed class LoopbackServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<string, long?, LoopbackAnswer> _answer;

    /// <summary>The function gets the path and where the requested range starts, if one was requested.</summary>
    public LoopbackServer(Func<string, long?, LoopbackAnswer> answer)
    {
        _answer = answer;
        _listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");
        _ = AcceptAsync();
    }

    public Uri Address { get; }

    /// <summary>Where each request's range started, in the order of requests; null for a whole file.</summary>
    public ConcurrentQueue<long?> Requests { get; } = [];

    /// <summary>Serves bytes as a good server does.</summary>
    public static LoopbackAnswer Serve(byte[] bytes, long? from) => from is { } start
        ? new("206 Partial Content", bytes[(int)start..], $"Content-Range: bytes {start}-{bytes.Length - 1}/{bytes.Length}\r\n")
        : new("200 OK", bytes);

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Stop();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var stop = _stop.Token;
        while (!stop.IsCancellationRequested)
        {
            TcpClient connection;
            try
            {
                connection = await _listener.AcceptTcpClientAsync(stop);
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }

            _ = AnswerAsync(connection, stop);
        }
    }

    private async Task AnswerAsync(TcpClient connection, CancellationToken stop)
    {
        using var _ = connection;
        try
        {
            using var reader = new StreamReader(connection.GetStream(), Encoding.ASCII, leaveOpen: true);
            var path = (await reader.ReadLineAsync(stop))!.Split(' ')[1].TrimStart('/');
            long? from = null;
            while (await reader.ReadLineAsync(stop) is { Length: > 0 } header)
            {
                if (header.StartsWith("Range: bytes=", StringComparison.OrdinalIgnoreCase))
                {
                    from = long.Parse(header["Range: bytes=".Length..].TrimEnd('-'), null);
                }
            }

            Requests.Enqueue(from);
            var answer = _answer(path, from);
            var head = $"HTTP/1.1 {answer.Status}\r\n{answer.Headers}Connection: close\r\n"
                + $"Content-Length: {answer.ClaimedLength ?? answer.Body.Length}\r\n\r\n";
            await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head), stop);
            await connection.GetStream().WriteAsync(answer.Body, stop);
            if (answer.Hang)
            {
                await Task.Delay(Timeout.Infinite, stop);
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The client went away, or the test is over.
        }
    }
}
