using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Lcnn.Distributed.Data.Files;

namespace Lcnn.Distributed.Data.Downloads;

/// <summary>Downloads published files: into NAME.part, resumed where it stopped, checked, then renamed.</summary>
/// <remarks>The .part file is locked while it is written, so processes that want the same file wait for the first one.</remarks>
public sealed class Downloader(HttpClient client)
{
    private const int FruitlessAttempts = 3;
    private const int BufferBytes = 128 << 10;
    private const long ReportedBytes = 1 << 20;

    private static readonly HttpClient _shared = new(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(15) });

    /// <summary>Uses a client shared by the process.</summary>
    public Downloader() : this(_shared)
    {
    }

    /// <summary>A connection that delivers nothing for so long is cut. Default: 60 seconds.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Downloads the files that the folder lacks. Cancelling keeps what has arrived.</summary>
    /// <exception cref="DataFileException">A file could not be fetched or stored, or is not the published one.</exception>
    public async Task DownloadAsync(
        IReadOnlyList<DataFile> files,
        string folder,
        IProgress<DownloadProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        for (var i = 0; i < files.Count; i++)
        {
            var target = new DownloadTarget(files[i], Path.Combine(folder, files[i].Name), [.. files.Skip(i)]);
            await DownloadAsync(target, progress, cancellationToken);
        }
    }

    private async Task DownloadAsync(
        DownloadTarget target, IProgress<DownloadProgress>? progress, CancellationToken cancellationToken)
    {
        var seen = -1L;
        while (!File.Exists(target.Path))
        {
            await using var part = target.TryOpenPart();
            if (part is null)
            {
                if (target.ReceivedBytes is var received && received != seen)
                {
                    seen = received;
                    progress?.Report(new DownloadProgress(target.File.Name, received, target.File.Bytes));
                }

                await Task.Delay(TimeSpan.FromMilliseconds(500), cancellationToken); // another process is at it
            }
            else if (!File.Exists(target.Path)) // else the other one finished between our look and our lock
            {
                await FillAsync(target, part, progress, cancellationToken);
                await VerifyAsync(target, part, cancellationToken);
                target.Commit(part);
            }
        }
    }

    private async Task FillAsync(
        DownloadTarget target, FileStream part, IProgress<DownloadProgress>? progress, CancellationToken cancellationToken)
    {
        if (part.Length > target.File.Bytes)
        {
            part.SetLength(0);
        }

        var furthest = part.Length;
        var fruitless = 0;
        while (part.Length < target.File.Bytes)
        {
            var problem = await ReceiveAsync(target, part, progress, cancellationToken);
            fruitless = part.Length > furthest ? 0 : fruitless + 1;
            furthest = Math.Max(furthest, part.Length);
            if (fruitless == FruitlessAttempts)
            {
                throw target.Cut(part.Length, problem);
            }
        }
    }

    // Returns why the file is not whole yet, which is moot if it is; what the same request would meet again is thrown.
    private async Task<string> ReceiveAsync(
        DownloadTarget target, FileStream part, IProgress<DownloadProgress>? progress, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, target.File.Address);
        if (part.Length > 0)
        {
            request.Headers.Range = new RangeHeaderValue(part.Length, null);
        }

        using var response = await SendAsync(target, request, part.Length, cancellationToken);
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable && part.Length > 0)
        {
            part.SetLength(0);
            return "the server refused to resume";
        }

        if (!response.IsSuccessStatusCode)
        {
            throw target.Refused((int)response.StatusCode, response.ReasonPhrase);
        }

        if (response.StatusCode != HttpStatusCode.PartialContent)
        {
            part.SetLength(0); // the server ignores Range and sends the whole file
        }
        else if (response.Content.Headers.ContentRange?.From != part.Length)
        {
            part.SetLength(0);
            return "the server resumed at another place";
        }

        return await CopyAsync(target, response.Content, part, progress, cancellationToken);
    }

    private async Task<HttpResponseMessage> SendAsync(
        DownloadTarget target, HttpRequestMessage request, long received, CancellationToken cancellationToken)
    {
        using var stall = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        stall.CancelAfter(StallTimeout);
        try
        {
            return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stall.Token);
        }
        catch (HttpRequestException exception)
        {
            throw target.Unreachable(exception.Message, received, exception);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw target.Unreachable("no answer in time", received, exception);
        }
    }

    private async Task<string> CopyAsync(
        DownloadTarget target, HttpContent content, FileStream part, IProgress<DownloadProgress>? progress,
        CancellationToken cancellationToken)
    {
        var buffer = new byte[BufferBytes];
        var reported = part.Length;
        part.Position = part.Length;
        using var stall = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            stall.CancelAfter(StallTimeout);
            await using var source = await content.ReadAsStreamAsync(stall.Token);
            int read;
            while ((read = await source.ReadAsync(buffer, stall.Token)) > 0)
            {
                await target.WriteAsync(part, buffer.AsMemory(0, read), cancellationToken);
                if (part.Position >= reported + ReportedBytes || part.Position >= target.File.Bytes)
                {
                    reported = part.Position;
                    progress?.Report(new DownloadProgress(target.File.Name, reported, target.File.Bytes));
                }

                stall.CancelAfter(StallTimeout);
            }

            return "the connection ended early";
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException)
        {
            return exception.Message;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return "nothing arrived in time";
        }
    }

    private static async Task VerifyAsync(DownloadTarget target, FileStream part, CancellationToken cancellationToken)
    {
        part.Position = 0;
        var sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(part, cancellationToken));
        if (sha256 != target.File.Sha256)
        {
            throw target.Mismatch(sha256);
        }
    }
}
