using System.Net;
using Lcnn.Distributed.Client.Security;
using Lcnn.Distributed.Contracts.Security;
using Lcnn.Distributed.Silo.Security;
using Microsoft.AspNetCore.Http;

namespace Lcnn.Distributed.Silo.Api;

/// <summary>Finds out what a request over HTTP may do: by a token, by the cookie of a login, or, on a cluster whose doors are open, because it comes from this machine.</summary>
/// <remarks>
/// A browser sends requests for any page that asks it to. Therefore another page's are refused, told by their origin; and what counts without a secret is only
/// believed of an address that no other site can take for its own.
/// </remarks>
internal sealed class ApiAccess(Doors doors, TimeProvider clock)
{
    private const string Scheme = "Bearer ";

    /// <summary>The role, and why it is not a higher one.</summary>
    public (Role Role, string Problem) Identify(HttpContext context)
    {
        var request = context.Request;
        if (ForeignPage(request) is { } foreign)
        {
            return (Role.None, foreign);
        }

        if (request.Headers.Authorization is [{ } authorization] && authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return RoleOfToken(authorization[Scheme.Length..].Trim());
        }

        if (request.Cookies[SessionCookie.Name] is { } cookie && doors.Tokens is { } tokens)
        {
            var role = SessionCookie.RoleOf(cookie, tokens, clock.GetUtcNow());
            return (role, role == Role.None ? "its login has ended: log in again" : Said(role));
        }

        return RoleWithoutSecret(context);
    }

    /// <summary>Whose page a request comes from, if it is not this silo's own; null otherwise.</summary>
    public static string? ForeignPage(HttpRequest request) =>
        request.Headers.Origin is [{ Length: > 0 } origin] && !IsOwn(origin, request.Host) ? $"it comes from a page of {Shown(origin)}" : null;

    /// <summary>The role of a token; none for an unknown one.</summary>
    public (Role Role, string Problem) RoleOfToken(string token)
    {
        var role = doors.Tokens?.RoleOf(token) ?? Role.None;
        return (role, role != Role.None ? Said(role) : doors.Tokens is null ? "this silo knows no tokens: start it with --token-file" : "its token is not known here");
    }

    private (Role Role, string Problem) RoleWithoutSecret(HttpContext context)
    {
        if (doors.Tokens is not null)
        {
            return (Role.None, "it shows no token");
        }

        if (doors.Certificates is not null || context.Connection.RemoteIpAddress is not { } remote || !IPAddress.IsLoopback(remote))
        {
            return (Role.None, "this silo knows no tokens, and without one it listens to its own machine alone, and only if the cluster has no certificates: start it with --token-file");
        }

        return IsLoopback(context.Request.Host.Host)
            ? (Role.Operate, "")
            : (Role.None, $"it asks for {Shown(context.Request.Host.Host)}, and without a token this silo is localhost alone");
    }

    private static bool IsOwn(string origin, HostString host) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var page) && string.Equals(page.Authority, host.Value, StringComparison.OrdinalIgnoreCase);

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private static string Said(Role role) => $"its token is for the role '{CertificateRoles.TextOf(role)}'";

    // Whatever a stranger sends, a line stays a line.
    private static string Shown(string text) => $"'{new string([.. text.Take(100).Select(letter => char.IsControl(letter) ? '?' : letter)])}'";
}
