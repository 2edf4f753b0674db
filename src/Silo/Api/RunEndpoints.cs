using System.Numerics;
using System.Runtime.CompilerServices;
using Lcnn.Distributed.Client;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Lcnn.Distributed.Silo.Api;

/// <summary>Runs: their list, each of them, what it does, and what may be done with it.</summary>
internal static class RunEndpoints
{
    public static void MapRuns(this IEndpointRouteBuilder api)
    {
        api.MapGet("/runs", ListAsync).For(Role.View)
            .WithSummary("Runs, newest first; those that go on with where they stand.").Produces<RunsAnswer>();
        api.MapPost("/runs", StartAsync).For(Role.Operate).TakesBody()
            .WithSummary("Starts a run.").Accepts<StartRunRequest>("application/json").Produces<RunStatus>(StatusCodes.Status201Created).ProducesValidationProblem();
        api.MapGet("/runs/{runId}", GetAsync).For(Role.View)
            .WithSummary("A run: where it stands, what it was asked for, its epochs, all or those after one, and how it ended.").Produces<RunAnswer>().ProducesProblem(StatusCodes.Status404NotFound);
        api.MapPost("/runs/{runId}/cancel", CancelAsync).For(Role.Operate)
            .WithSummary("Stops a run after its current step; it keeps a snapshot.").Produces<RunStatus>(StatusCodes.Status202Accepted).ProducesProblem(StatusCodes.Status404NotFound);
        api.MapPost("/runs/{runId}/resume", ResumeAsync).For(Role.Operate)
            .WithSummary("Goes on with a run that has ended, in its folder, from its newest snapshot: a run of its own.")
            .Produces<RunStatus>(StatusCodes.Status201Created).ProducesProblem(StatusCodes.Status409Conflict);
        api.MapPut("/runs/{runId}/tags", SetTagsAsync).For(Role.Operate).TakesBody()
            .WithSummary("Puts other tags on a run, ended or not, in place of those it has.").Accepts<TagsRequest>("application/json").Produces<RunStatus>()
            .ProducesValidationProblem().ProducesProblem(StatusCodes.Status404NotFound);
        api.MapGet("/runs/{runId}/ranks", GetRanksAsync).For(Role.View)
            .WithSummary("What each worker of a run that goes on is doing, whom it waits for, and what it did so far.").Produces<RanksAnswer>().ProducesProblem(StatusCodes.Status404NotFound);
        api.MapGet("/runs/{runId}/series", GetSeriesAsync).For(Role.View)
            .WithSummary("Steps, or neighbours in buckets with the smallest and the largest of each.").Produces<SeriesWindow>().ProducesValidationProblem();
        api.MapGet("/runs/{runId}/history", GetHistoryAsync).For(Role.View)
            .WithSummary("What happened to a run beside its steps, in order, all or what came after an event.").Produces<HistoryAnswer>().ProducesProblem(StatusCodes.Status404NotFound);
        api.MapGet("/runs/{runId}/events", WatchAsync).For(Role.View, isStream: true)
            .WithSummary("The run's log as server-sent events, live until its end. Steps that come faster than twice a second are passed over: see the series.")
            .Produces(StatusCodes.Status200OK, contentType: "text/event-stream");
    }

    private static async Task<IResult> ListAsync(
        HttpContext context, IRunLauncher cluster, TimeProvider clock, string? phase = null, string? dataset = null, string? sweep = null, string? search = null, string[]? tag = null,
        string? after = null, int limit = 100)
    {
        if (limit is < 1 or > RunList.Most)
        {
            throw new BadHttpRequestException($"limit: expected 1 to {RunList.Most}, got {limit}");
        }

        var list = new RunList(phase, dataset, sweep, search, tag ?? []);
        return Answers.Of(context, await list.ReadAsync(cluster, clock, after, limit, context.RequestAborted));
    }

    private static async Task<IResult> StartAsync(HttpContext context, IRunLauncher cluster)
    {
        var request = await ApiJson.ReadAsync<StartRunRequest>(context.Request, context.RequestAborted);
        var spec = request.ToSpec();
        return await AnswerStartAsync(request.Id is { } id
            ? await cluster.StartAsync(spec, id, context.RequestAborted)
            : await cluster.StartAsync(spec, context.RequestAborted), request.Tags, context.RequestAborted);
    }

    private static async Task<IResult> GetAsync(HttpContext context, IRunLauncher cluster, string runId, int afterEpoch = 0)
    {
        var query = new EpochQuery { After = NotNegative(afterEpoch, "afterEpoch") };
        var run = await cluster.FindAsync(runId, context.RequestAborted);
        var (status, spec, metrics) = (run.GetStatusAsync(context.RequestAborted), run.GetSpecAsync(context.RequestAborted), run.GetMetricsAsync(query, context.RequestAborted));
        return Answers.Of(context, new RunAnswer(await status, await spec, (await metrics).Epochs, (await metrics).Final));
    }

    private static async Task<IResult> CancelAsync(HttpContext context, IRunLauncher cluster, string runId, string? reason = null)
    {
        var run = await cluster.FindAsync(runId, context.RequestAborted);
        await run.CancelAsync(reason ?? "cancelled over HTTP", context.RequestAborted);
        return Results.Json(await run.GetStatusAsync(context.RequestAborted), ApiJson.Options, statusCode: StatusCodes.Status202Accepted);
    }

    private static async Task<IResult> ResumeAsync(HttpContext context, IRunLauncher cluster, string runId, int? epochs = null)
    {
        var run = await cluster.FindAsync(runId, context.RequestAborted);
        var (status, spec) = (await run.GetStatusAsync(context.RequestAborted), await run.GetSpecAsync(context.RequestAborted));
        if (status.Phase is not (RunPhase.Completed or RunPhase.Failed or RunPhase.Cancelled))
        {
            return Results.Problem($"Run {runId} has not ended.", statusCode: StatusCodes.Status409Conflict, title: "There is nothing to go on with.");
        }

        if (await run.Snapshots.ListAsync(context.RequestAborted) is [])
        {
            return Results.Problem($"Run {runId} has left no snapshot.", statusCode: StatusCodes.Status409Conflict, title: "There is nothing to go on with.");
        }

        var next = spec with { ResumeFrom = spec.OutputDirectory, PauseAfterEpoch = 0, Epochs = epochs ?? spec.Epochs };
        return await AnswerStartAsync(await cluster.StartAsync(next, context.RequestAborted), status.Tags, context.RequestAborted);
    }

    private static async Task<IResult> GetRanksAsync(HttpContext context, IRunLauncher cluster, string runId)
    {
        var run = await cluster.FindAsync(runId, context.RequestAborted);
        return Answers.Of(context, new RanksAnswer(await run.GetRanksAsync(context.RequestAborted)));
    }

    private static async Task<IResult> GetSeriesAsync(
        HttpContext context, IRunLauncher cluster, string runId, string? fields = null, long from = 1, long to = 0, int points = 1000)
    {
        var run = await cluster.FindAsync(runId, context.RequestAborted);
        var query = new SeriesQuery { Fields = fields?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [], From = from, To = to, Points = points };
        return Answers.Of(context, await run.GetSeriesAsync(query, context.RequestAborted));
    }

    private static async Task<IResult> GetHistoryAsync(HttpContext context, IRunLauncher cluster, string runId, long after = 0)
    {
        NotNegative(after, "after");
        var run = await cluster.FindAsync(runId, context.RequestAborted);
        return Answers.Of(context, new HistoryAnswer(await run.GetHistoryAsync(after, context.RequestAborted)));
    }

    private static T NotNegative<T>(T value, string name) where T : INumber<T> =>
        T.IsNegative(value) ? throw new BadHttpRequestException($"{name}: expected 0 or more, got {value}") : value;

    private static async Task WatchAsync(HttpContext context, IRunLauncher cluster, EventStream stream, string runId, long? after = null)
    {
        var position = EventStream.After(context.Request, after);
        var run = await cluster.FindAsync(runId, context.RequestAborted);
        await stream.SendAsync(context, EventsAsync(run, position, context.RequestAborted));
    }

    private static async IAsyncEnumerable<LoggedEvent> EventsAsync(IRunHandle run, long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var logged in run.WatchAsync(after, cancellationToken))
        {
            yield return new LoggedEvent(logged.Sequence, RunEventJson.Serialize(logged), logged is StepCompleted or EvaluationProgressed or CurvatureProgressed or RobustnessProgressed);
        }
    }

    private static async Task<IResult> SetTagsAsync(HttpContext context, IRunLauncher cluster, string runId)
    {
        var request = await ApiJson.ReadAsync<TagsRequest>(context.Request, context.RequestAborted);
        var run = await cluster.FindAsync(runId, context.RequestAborted);
        await run.SetTagsAsync(request.Tags ?? throw new InvalidSpecException([new SpecProblem(nameof(request.Tags), "expected a list of words")]), context.RequestAborted);
        return Results.Json(await run.GetStatusAsync(context.RequestAborted), ApiJson.Options);
    }

    // A start that is repeated, as its answer was lost, puts them on again.
    private static async Task<IResult> AnswerStartAsync(IRunHandle run, IReadOnlyList<string>? tags, CancellationToken cancellationToken)
    {
        if (tags is { Count: > 0 })
        {
            await run.SetTagsAsync(tags, cancellationToken);
        }

        var status = await run.GetStatusAsync(cancellationToken);
        return Results.Json(status, ApiJson.Options, statusCode: StatusCodes.Status201Created);
    }
}

/// <summary>What happened to a run.</summary>
/// <param name="Events">In order, steps left out.</param>
internal sealed record HistoryAnswer(IReadOnlyList<RunEvent> Events);

/// <summary>What a run is to be called.</summary>
/// <param name="Tags">At most 32 words of at most 64 letters; empty for none.</param>
internal sealed record TagsRequest(IReadOnlyList<string> Tags);

/// <summary>The workers of a run.</summary>
/// <param name="Ranks">In rank order; empty while it has none.</param>
internal sealed record RanksAnswer(IReadOnlyList<RankStatus> Ranks);

/// <summary>A run.</summary>
/// <param name="Status">Where it stands.</param>
/// <param name="Spec">All that it was asked for, defaults included.</param>
/// <param name="Epochs">Those that were evaluated, in order, after the one that the caller named.</param>
/// <param name="Final">How it ended; null while it goes on.</param>
internal sealed record RunAnswer(RunStatus Status, RunSpec Spec, IReadOnlyList<EpochCompleted> Epochs, RunEvent? Final);
