using System.Globalization;
using Lcnn.Distributed.Client;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace Lcnn.Distributed.Silo.Api;

/// <summary>The snapshots of a run, to list and to download from whichever silo sees them.</summary>
internal static class SnapshotEndpoints
{
    public static void MapSnapshots(this IEndpointRouteBuilder api)
    {
        api.MapGet("/runs/{runId}/snapshots", ListAsync).For(Role.View)
            .WithSummary("The snapshots of a run, newest first.").Produces<SnapshotsAnswer>().ProducesProblem(StatusCodes.Status404NotFound);
        api.MapGet("/runs/{runId}/snapshots/{snapshot}/{file}", ReadAsync).For(Role.View, isStream: true)
            .WithSummary("A file of a snapshot; a range of it, if one is asked for.")
            .Produces(StatusCodes.Status200OK, contentType: "application/octet-stream").Produces(StatusCodes.Status206PartialContent, contentType: "application/octet-stream")
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> ListAsync(HttpContext context, IRunLauncher cluster, string runId)
    {
        var run = await cluster.FindAsync(runId, context.RequestAborted);
        return Answers.Of(context, new SnapshotsAnswer(await run.Snapshots.ListAsync(context.RequestAborted)));
    }

    private static async Task ReadAsync(HttpContext context, IRunLauncher cluster, string runId, string snapshot, string file)
    {
        var snapshots = (await cluster.FindAsync(runId, context.RequestAborted)).Snapshots;
        var info = (await snapshots.ListAsync(context.RequestAborted)).FirstOrDefault(info => info.Name == snapshot);
        if (info?.Files.FirstOrDefault(entry => entry.Name == file) is not { } entry)
        {
            throw info?.Damage is { } damage ? new SnapshotDamagedException(damage) : new SnapshotNotFoundException(runId, $"{snapshot}/{file}");
        }

        var (response, tag) = (context.Response, $"\"{entry.Sha256}\"");
        response.Headers.ETag = tag;
        response.Headers.AcceptRanges = "bytes";
        response.ContentType = "application/octet-stream";
        if (context.Request.Headers.IfNoneMatch.Contains(tag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        var (first, last) = RangeOf(context.Request, entry.Length, tag) ?? (0, entry.Length - 1);
        if (first > last)
        {
            response.StatusCode = StatusCodes.Status416RangeNotSatisfiable;
            response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes */{entry.Length}");
            return;
        }

        if (last - first + 1 < entry.Length)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes {first}-{last}/{entry.Length}");
        }

        response.ContentLength = last - first + 1;
        await SendAsync(context, snapshots, snapshot, file, first, last);
    }

    // What turns out to be damaged on the way is cut off: the caller gets fewer bytes than were announced.
    private static async Task SendAsync(HttpContext context, IRunSnapshots snapshots, string snapshot, string file, long first, long last)
    {
        var left = last - first + 1;
        try
        {
            await foreach (var block in snapshots.ReadFileAsync(snapshot, file, first, context.RequestAborted))
            {
                var count = (int)Math.Min(block.Length, left);
                await context.Response.Body.WriteAsync(block.AsMemory(0, count), context.RequestAborted);
                left -= count;
                if (left == 0 && last < long.MaxValue && count < block.Length)
                {
                    return;
                }
            }
        }
        catch (Exception exception) when (exception is SnapshotDamagedException or SnapshotNotFoundException && context.Response.HasStarted)
        {
            context.Abort();
        }
    }

    // One range; of several, and of what is none, the whole file comes, as RFC 9110 allows.
    private static (long First, long Last)? RangeOf(HttpRequest request, long length, string tag)
    {
        if (request.Headers.IfRange is [{ } known] && known != tag)
        {
            return null;
        }

        if (!RangeHeaderValue.TryParse(request.Headers.Range.ToString(), out var header) || header.Unit != "bytes" || header.Ranges.Count != 1)
        {
            return null;
        }

        return header.Ranges.Single() switch
        {
            { From: { } from, To: var to } => (from, Math.Min(to ?? length - 1, length - 1)),
            { To: { } suffix } => (Math.Max(0, length - suffix), length - 1),
            _ => null,
        };
    }
}

/// <summary>The snapshots of a run.</summary>
internal sealed record SnapshotsAnswer(IReadOnlyList<SnapshotInfo> Snapshots);
