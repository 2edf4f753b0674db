using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Lcnn.Distributed.Silo.Api;

/// <summary>A log as server-sent events: each with its number, so that a browser that comes back says what it has and goes on behind it, by whichever silo.</summary>
internal sealed class EventStream(TimeProvider clock)
{
    private const int Burst = 100; // events: whoever gets so many at once is behind
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(500); // a page that is always open must cost a silo nothing that is seen
    private static readonly TimeSpan _heartbeat = TimeSpan.FromSeconds(15); // proxies cut what is silent for 30 or 60

    /// <summary>What the caller has seen: the header of a browser that comes back, else the query's.</summary>
    /// <exception cref="BadHttpRequestException">It is no number.</exception>
    public static long After(HttpRequest request, long? after)
    {
        if (request.Headers["Last-Event-ID"] is not [{ Length: > 0 } last])
        {
            return after is null or >= 0 ? after ?? 0 : throw new BadHttpRequestException($"after: expected 0 or the number of an event, got {after}");
        }

        return long.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new BadHttpRequestException("Last-Event-ID: expected the number of an event");
    }

    /// <summary>Sends events until the last one, or until the caller leaves.</summary>
    /// <param name="events">The log; of those that can be skipped, the newest at a time is sent.</param>
    public async Task SendAsync(HttpContext context, IAsyncEnumerable<LoggedEvent> events)
    {
        var (response, cancellationToken) = (context.Response, context.RequestAborted);
        response.ContentType = "text/event-stream; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        response.Headers["X-Accel-Buffering"] = "no";
        await WriteAsync(response, "retry: 1000\n\n", cancellationToken);
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var log = events.GetAsyncEnumerator(leaving.Token);
        var moving = log.MoveNextAsync().AsTask();
        try
        {
            while (await WaitAsync(response, moving, cancellationToken))
            {
                var gathered = new List<LoggedEvent>();
                for (var isMore = true; isMore && gathered.Count < Burst;)
                {
                    gathered.Add(log.Current);
                    moving = log.MoveNextAsync().AsTask();
                    isMore = moving.IsCompletedSuccessfully && await moving;
                }

                await WriteAsync(response, Text(gathered), cancellationToken);
                if (gathered.Count < Burst)
                {
                    await Task.Delay(_pause, clock, cancellationToken); // the log gathers what comes meanwhile, for one answer
                }
            }
        }
        finally
        {
            await leaving.CancelAsync();
            await ((Task)moving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await WriteAsync(response, "event: end\ndata: {}\n\n", cancellationToken); // or the browser would come back
    }

    private static string Text(List<LoggedEvent> gathered)
    {
        var (text, newest) = (new StringBuilder(), gathered.FindLastIndex(logged => logged.CanSkip));
        foreach (var logged in gathered.Where((logged, place) => !logged.CanSkip || place == newest))
        {
            text.Append(CultureInfo.InvariantCulture, $"id: {logged.Number}\ndata: {logged.Json}\n\n");
        }

        return text.ToString();
    }

    private async Task<bool> WaitAsync(HttpResponse response, Task<bool> moving, CancellationToken cancellationToken)
    {
        while (!moving.IsCompleted)
        {
            using var pause = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            if (await Task.WhenAny(moving, Task.Delay(_heartbeat, clock, pause.Token)) != moving)
            {
                cancellationToken.ThrowIfCancellationRequested();
                await WriteAsync(response, ": here\n\n", cancellationToken);
            }

            await pause.CancelAsync();
        }

        return await moving;
    }

    private static async Task WriteAsync(HttpResponse response, string text, CancellationToken cancellationToken)
    {
        await response.WriteAsync(text, cancellationToken);
        await response.Body.FlushAsync(cancellationToken);
    }
}

/// <summary>An event to send.</summary>
/// <param name="Number">In its log.</param>
/// <param name="Json">On one line.</param>
/// <param name="CanSkip">Whether it says only how far something is, as a later one does, too.</param>
internal readonly record struct LoggedEvent(long Number, string Json, bool CanSkip);
