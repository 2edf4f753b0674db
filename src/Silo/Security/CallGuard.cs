using Lcnn.Distributed.Client.Security;
using Lcnn.Distributed.Contracts.Security;
using Lcnn.Distributed.Grains.Telemetry;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Silo.Security;

/// <summary>Lets a call through to its grain, or to a part of Orleans, only if its caller has the role for it.</summary>
internal sealed partial class CallGuard(CallRoles roles, CallerCheck callers, TurnedAway turnedAway, ILogger<CallGuard> logger) : IIncomingGrainCallFilter
{
    public Task Invoke(IIncomingGrainCallContext context)
    {
        var least = roles.Of(context.Request);
        if (least == Role.None)
        {
            return context.Invoke();
        }

        var (role, problem) = callers.Identify(RequestContext.Get(CallerPass.Key) as CallerPass);
        return role >= least ? context.Invoke() : Refuse(context, least, problem);
    }

    private Task Refuse(IIncomingGrainCallContext context, Role least, string problem)
    {
        var (what, role) = ($"{context.InterfaceName.Split('.')[^1]}.{context.MethodName}", CertificateRoles.TextOf(least));
        Measures.CountRefused("call");
        if (turnedAway.Count(problem) is { } count)
        {
            LogRefused(what, problem, role, count);
        }

        return Task.FromException(new AccessDeniedException($"{what} is for the role '{role}', and {problem}; nothing was done"));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A call of {Method} was refused: {Problem}, and it takes the role '{Role}' ({Count} calls and connections turned away so far)")]
    private partial void LogRefused(string method, string problem, string role, long count);
}
