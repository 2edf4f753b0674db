using System.Runtime.CompilerServices;
using System.Text;
using Lcnn.Distributed.Client;
using Lcnn.Distributed.Client.Sweeps;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Security;
using Lcnn.Distributed.Contracts.Sweeps;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Lcnn.Distributed.Silo.Api;

/// <summary>Sweeps: their list, each of them with its trials, and what may be done with it.</summary>
internal static class SweepEndpoints
{
    private const int MostSweeps = 1000;
    private const int MostTrials = 10_000;

    public static void MapSweeps(this IEndpointRouteBuilder api)
    {
        api.MapGet("/sweeps", ListAsync).For(Role.View).WithSummary("Sweeps, newest first.").Produces<SweepsAnswer>();
        api.MapPost("/sweeps", StartAsync).For(Role.Operate).TakesBody()
            .WithSummary("Starts a sweep: the body is its file, YAML or JSON.").Accepts<string>("application/yaml", "application/json")
            .Produces<SweepStatus>(StatusCodes.Status201Created).ProducesValidationProblem();
        api.MapGet("/sweeps/{sweepId}", GetAsync).For(Role.View)
            .WithSummary("A sweep: where it stands and what it was asked for.").Produces<SweepAnswer>().ProducesProblem(StatusCodes.Status404NotFound);
        api.MapGet("/sweeps/{sweepId}/trials", GetTrialsAsync).For(Role.View)
            .WithSummary("Trials with all their reports, by number.").Produces<TrialsAnswer>().ProducesProblem(StatusCodes.Status404NotFound);
        api.MapPost("/sweeps/{sweepId}/trials", AddTrialsAsync).For(Role.Operate).TakesBody()
            .WithSummary("Adds trials that the sampler chooses, or with parameters given by hand.").Accepts<AddTrialsRequest>("application/json")
            .Produces<SweepStatus>(StatusCodes.Status202Accepted).ProducesValidationProblem();
        Steer("pause", "Pauses every trial after its current step, each with a snapshot.", (sweep, _, token) => sweep.PauseAsync(token));
        Steer("resume", "Goes on after a pause.", (sweep, _, token) => sweep.ResumeAsync(token));
        Steer("stop", "Stops every trial and completes the sweep with what there is.", (sweep, reason, token) => sweep.StopAsync(reason ?? "stopped over HTTP", token));
        api.MapGet("/sweeps/{sweepId}/events", WatchAsync).For(Role.View, isStream: true)
            .WithSummary("The sweep's log as server-sent events, live until its end.").Produces(StatusCodes.Status200OK, contentType: "text/event-stream");

        void Steer(string name, string summary, Func<ISweepHandle, string?, CancellationToken, Task> steer) => api.MapPost(
            $"/sweeps/{{sweepId}}/{name}", async (HttpContext context, IRunLauncher cluster, string sweepId, string? reason) =>
            {
                var sweep = await cluster.FindSweepAsync(sweepId, context.RequestAborted);
                await steer(sweep, reason, context.RequestAborted);
                return await AnswerAsync(sweep, StatusCodes.Status202Accepted, context.RequestAborted);
            }).For(Role.Operate).WithSummary(summary).Produces<SweepStatus>(StatusCodes.Status202Accepted).ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> ListAsync(HttpContext context, IRunLauncher cluster, int limit = 100) => limit is >= 1 and <= MostSweeps
        ? Answers.Of(context, new SweepsAnswer(await cluster.ListSweepsAsync(limit, context.RequestAborted)))
        : throw new BadHttpRequestException($"limit: expected 1 to {MostSweeps}, got {limit}");

    private static async Task<IResult> StartAsync(HttpContext context, IRunLauncher cluster, string? id = null)
    {
        using var reader = new StreamReader(context.Request.Body, new UTF8Encoding(false, throwOnInvalidBytes: false));
        var spec = SweepFile.Parse(await reader.ReadToEndAsync(context.RequestAborted), "body", KnownNames.OfAnyCluster);
        var sweep = id is null ? await cluster.StartSweepAsync(spec, context.RequestAborted) : await cluster.StartSweepAsync(spec, id, context.RequestAborted);
        return await AnswerAsync(sweep, StatusCodes.Status201Created, context.RequestAborted);
    }

    private static async Task<IResult> GetAsync(HttpContext context, IRunLauncher cluster, string sweepId)
    {
        var sweep = await cluster.FindSweepAsync(sweepId, context.RequestAborted);
        return Answers.Of(context, new SweepAnswer(await sweep.GetStatusAsync(context.RequestAborted), await sweep.GetSpecAsync(context.RequestAborted)));
    }

    private static async Task<IResult> GetTrialsAsync(HttpContext context, IRunLauncher cluster, string sweepId, int from = 1, int limit = 1000)
    {
        if (from < 1 || limit is < 1 or > MostTrials)
        {
            throw new BadHttpRequestException($"expected from 1 on and limit 1 to {MostTrials}, got {from} and {limit}");
        }

        var sweep = await cluster.FindSweepAsync(sweepId, context.RequestAborted);
        var trials = (await sweep.GetTrialsAsync(context.RequestAborted)).SkipWhile(trial => trial.Number < from).ToList();
        return Answers.Of(context, new TrialsAnswer([.. trials.Take(limit)], trials.Count > limit ? trials[limit].Number : null));
    }

    private static async Task<IResult> AddTrialsAsync(HttpContext context, IRunLauncher cluster, string sweepId)
    {
        var request = await ApiJson.ReadAsync<AddTrialsRequest>(context.Request, context.RequestAborted);
        var sweep = await cluster.FindSweepAsync(sweepId, context.RequestAborted);
        await sweep.AddTrialsAsync(request.Count, request.Parameters, context.RequestAborted);
        return await AnswerAsync(sweep, StatusCodes.Status202Accepted, context.RequestAborted);
    }

    private static async Task WatchAsync(HttpContext context, IRunLauncher cluster, EventStream stream, string sweepId, long? after = null)
    {
        var position = EventStream.After(context.Request, after);
        var sweep = await cluster.FindSweepAsync(sweepId, context.RequestAborted);
        await stream.SendAsync(context, EventsAsync(sweep, position, context.RequestAborted));
    }

    private static async IAsyncEnumerable<LoggedEvent> EventsAsync(ISweepHandle sweep, long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var logged in sweep.WatchAsync(after, cancellationToken))
        {
            yield return new LoggedEvent(logged.Sequence, SweepEventJson.Serialize(logged), CanSkip: false);
        }
    }

    private static async Task<IResult> AnswerAsync(ISweepHandle sweep, int statusCode, CancellationToken cancellationToken) =>
        Results.Json(await sweep.GetStatusAsync(cancellationToken), ApiJson.Options, statusCode: statusCode);
}

/// <summary>The newest sweeps.</summary>
internal sealed record SweepsAnswer(IReadOnlyList<SweepEntry> Sweeps);

/// <summary>A sweep.</summary>
/// <param name="Status">Where it stands.</param>
/// <param name="Spec">All that it was asked for, defaults included.</param>
internal sealed record SweepAnswer(SweepStatus Status, SweepSpec Spec);

/// <summary>Trials of a sweep.</summary>
/// <param name="Trials">By number.</param>
/// <param name="Next">Number of the first that did not fit; null for the end.</param>
internal sealed record TrialsAnswer(IReadOnlyList<TrialEntry> Trials, int? Next);

/// <summary>More trials.</summary>
internal sealed record AddTrialsRequest
{
    /// <summary>Trials that the sampler chooses.</summary>
    public int Count { get; init; }

    /// <summary>Trials with parameters given by hand.</summary>
    public IReadOnlyList<ParameterSet> Parameters { get; init; } = [];
}
