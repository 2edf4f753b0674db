using Lcnn.Distributed.Contracts.Security;

namespace Lcnn.Distributed.Client.Security;

/// <summary>Has every call say who makes it: this process, not whoever called it before.</summary>
internal sealed class PassFilter(PassIssuer issuer) : IOutgoingGrainCallFilter
{
    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        // A client that is called must not learn what a silo shows to others.
        if (context.TargetId.Type.IsClient())
        {
            RequestContext.Remove(CallerPass.Key);
        }
        else
        {
            RequestContext.Set(CallerPass.Key, issuer.Current);
        }

        await context.Invoke(); // asynchronous, so that what was set ends with the call
    }
}
