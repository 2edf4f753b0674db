using System.Collections.Concurrent;
using System.Net;

namespace Lcnn.Distributed.EndToEndTests.Operations;

/// <summary>Takes what OTLP sends over HTTP and knows only where it was sent; the payload's texts lie in it as they are.</summary>
internal sealed class OtlpCollector : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly ConcurrentQueue<(string Path, string Text)> _received = new();
    private readonly SemaphoreSlim _more = new(0);

    public OtlpCollector(int port)
    {
        Address = $"http://127.0.0.1:{port}";
        _listener.Prefixes.Add($"{Address}/");
        _listener.Start();
        _ = ReceiveAsync();
    }

    public string Address { get; }

    /// <summary>Waits until something with a text in it was sent to a path.</summary>
    public async Task WaitForAsync(string path, string text, CancellationToken cancellationToken)
    {
        while (!_received.Any(sent => sent.Path == path && sent.Text.Contains(text, StringComparison.Ordinal)))
        {
            await _more.WaitAsync(cancellationToken);
        }
    }

    public void Dispose()
    {
        _listener.Close();
        _more.Dispose();
    }

    private async Task ReceiveAsync()
    {
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                using var content = new MemoryStream();
                await context.Request.InputStream.CopyToAsync(content);
                _received.Enqueue((context.Request.Url!.AbsolutePath, System.Text.Encoding.Latin1.GetString(content.ToArray())));
                context.Response.Close();
                _more.Release();
            }
        }
        catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
        {
            // The test has ended.
        }
    }
}
