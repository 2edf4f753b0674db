using System.Text.Json;
using Lcnn.Distributed.Client;
using Lcnn.Distributed.Client.Sweeps;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Security;
using Lcnn.Distributed.Contracts.Sweeps;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Silo.Api;

/// <summary>What went wrong with a request, as problem details (RFC 9457): what, where, and what to do. No stack traces.</summary>
internal sealed partial class ApiProblems(ILogger<ApiProblems> logger)
{
    private const string RetryAfterSeconds = "5";

    /// <summary>Answers whatever comes behind it throws.</summary>
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (Exception exception) when (context.RequestAborted.IsCancellationRequested)
        {
            LogAborted(exception, context.Request.Path);
        }
        catch (Exception exception) when (!context.Response.HasStarted)
        {
            await WriteAsync(context, Of(context, exception));
        }
    }

    /// <summary>Answers with a problem.</summary>
    public static Task WriteAsync(HttpContext context, ProblemDetails problem)
    {
        context.Response.Clear();
        context.Response.StatusCode = problem.Status ?? StatusCodes.Status500InternalServerError;
        if (problem.Status == StatusCodes.Status401Unauthorized)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer realm=\"lcnn\"";
        }

        if (problem.Status == StatusCodes.Status503ServiceUnavailable)
        {
            context.Response.Headers.RetryAfter = RetryAfterSeconds;
        }

        return context.Response.WriteAsJsonAsync(problem, problem.GetType(), ApiJson.Options, "application/problem+json", context.RequestAborted);
    }

    private ProblemDetails Of(HttpContext context, Exception exception)
    {
        switch (exception)
        {
            case InvalidSpecException { Problems: var problems }:
                return Invalid("It cannot run as it was asked for.", problems.Select(problem => (Field: ApiJson.NameOf(problem.Field), problem.Message)));
            case InvalidSweepException { Problems: var problems }:
                return Invalid("The sweep cannot run as it was asked for.", problems.Select(problem => (Field: "", Message: problem.ToString()!)));
            case JsonException { Path: var path } json:
                return Invalid("The body is not the JSON that is expected here.", [(path ?? "", MessageOf(json))]);
            case BadHttpRequestException bad:
                return Problem(bad.StatusCode, "The request cannot be read.", bad.Message);
            case RunNotFoundException or SweepNotFoundException or SnapshotNotFoundException or RunFolderNotFoundException:
                return Problem(StatusCodes.Status404NotFound, "There is no such thing.", exception.Message);
            case RunExistsException or SweepExistsException or SnapshotDamagedException:
                return Problem(StatusCodes.Status409Conflict, "It is not as the request takes it to be.", exception.Message);
            case AccessDeniedException:
                return Problem(StatusCodes.Status403Forbidden, "The caller may not do that.", exception.Message);
            case StoreAwayException or StoreRefusedException or ClusterUnreachableException or CoordinatorReplacedException or OrleansException or TimeoutException or OperationCanceledException:
                return Problem(StatusCodes.Status503ServiceUnavailable, "The cluster does not answer at the moment.", exception.Message);
            default:
                LogFailed(exception, context.Request.Method, context.Request.Path);
                return Problem(StatusCodes.Status500InternalServerError, "The silo failed at it.", $"Its log has more, under {context.TraceIdentifier}.");
        }
    }

    // The runtime's own text speaks of its types.
    private static string MessageOf(JsonException exception) => exception.Message.Contains("could not be mapped to any .NET member", StringComparison.Ordinal) ? "there is no such member here"
        : exception.Message.Contains("could not be converted to", StringComparison.Ordinal) ? "it has a value of another kind"
        : exception.Message.Split(" Path: ")[0];

    private static ProblemDetails Problem(int status, string title, string detail) => new() { Status = status, Title = title, Detail = detail };

    private static HttpValidationProblemDetails Invalid(string title, IEnumerable<(string Field, string Message)> problems)
    {
        var errors = problems.GroupBy(problem => problem.Field).ToDictionary(group => group.Key, group => group.Select(problem => problem.Message).ToArray());
        return new HttpValidationProblemDetails(errors)
        {
            Status = StatusCodes.Status400BadRequest,
            Title = title,
            Detail = string.Join("; ", errors.SelectMany(error => error.Value.Select(message => error.Key.Length == 0 ? message : $"{error.Key}: {message}"))),
        };
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "A request for {Path} was given up by its caller")]
    private partial void LogAborted(Exception exception, PathString path);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed")]
    private partial void LogFailed(Exception exception, string method, PathString path);
}
