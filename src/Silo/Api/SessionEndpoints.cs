using Lcnn.Distributed.Client.Security;
using Lcnn.Distributed.Contracts.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Lcnn.Distributed.Silo.Api;

/// <summary>Logging in and out, for browsers: those cannot send a token with a stream of events.</summary>
internal static class SessionEndpoints
{
    public static void MapSession(this IEndpointRouteBuilder api)
    {
        api.MapGet("/session", Get).For(Role.None).WithSummary("What the caller may do.").Produces<SessionAnswer>();
        api.MapPost("/session", LogInAsync).For(Role.None).TakesBody()
            .WithSummary("Logs in with a token: sets a cookie for this silo's address.").Accepts<LoginRequest>("application/json").Produces<SessionAnswer>().ProducesProblem(StatusCodes.Status401Unauthorized);
        api.MapDelete("/session", LogOut).For(Role.None).WithSummary("Logs out.").Produces(StatusCodes.Status204NoContent);
    }

    private static IResult Get(HttpContext context, ApiAccess access)
    {
        var (role, problem) = access.Identify(context);
        return Answers.Of(context, new SessionAnswer(CertificateRoles.TextOf(role), role == Role.None ? problem : ""));
    }

    private static async Task<IResult> LogInAsync(HttpContext context, ApiAccess access, TimeProvider clock)
    {
        var request = await ApiJson.ReadAsync<LoginRequest>(context.Request, context.RequestAborted);
        var (role, problem) = ApiAccess.ForeignPage(context.Request) is { } foreign ? (Role.None, foreign) : access.RoleOfToken(request.Token);
        if (role == Role.None)
        {
            return Results.Problem(problem, statusCode: StatusCodes.Status401Unauthorized, title: "The login failed.");
        }

        SessionCookie.Set(context, request.Token, clock.GetUtcNow());
        return Answers.Of(context, new SessionAnswer(CertificateRoles.TextOf(role), ""));
    }

    private static IResult LogOut(HttpContext context)
    {
        SessionCookie.Clear(context);
        return Results.NoContent();
    }
}

/// <summary>A login.</summary>
/// <param name="Token">The secret that stands for a role.</param>
internal sealed record LoginRequest(string Token);

/// <summary>What a caller may do.</summary>
/// <param name="Role">none, view or operate.</param>
/// <param name="Problem">Why it may do nothing; empty otherwise.</param>
internal sealed record SessionAnswer(string Role, string Problem);
