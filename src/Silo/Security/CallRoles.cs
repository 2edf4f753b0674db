using System.Collections.Concurrent;
using System.Reflection;
using Lcnn.Distributed.Contracts.Security;
using Orleans.Serialization.Invocation;

namespace Lcnn.Distributed.Silo.Security;

/// <summary>Which role a call takes: what a method says with <see cref="RequiresRoleAttribute"/>, and the little of Orleans' own that clients need. All else is for silos.</summary>
/// <param name="knowsOthers">Whether the host may have grains of its own, and answers for those and for Orleans itself.</param>
internal sealed class CallRoles(bool knowsOthers)
{
    // Internal to Orleans, hence by name.
    private static readonly Dictionary<string, Role> _ofOrleans = new()
    {
        ["Orleans.Runtime.IClusterManifestSystemTarget"] = Role.None, // asked before anything else; says which grains there are
        ["Orleans.Runtime.IGrainTimerInvoker"] = Role.None, // a grain's own timer, which comes through no connection
        ["Orleans.Runtime.IGrainCallCancellationExtension"] = Role.View,
        ["Orleans.Runtime.ICancellationSourcesExtension"] = Role.View,
    };

    private static readonly Assembly[] _ours = [typeof(RequiresRoleAttribute).Assembly, typeof(Grains.GrainStorageNames).Assembly];

    private readonly ConcurrentDictionary<MethodInfo, Role> _ofMethods = new();

    /// <summary>The least role for a call.</summary>
    public Role Of(IInvokable request)
    {
        var method = request.GetMethod();
        if (method.DeclaringType != typeof(IAsyncEnumerableGrainExtension))
        {
            return Of(method);
        }

        // A stream is begun by a request within the request, and goes on under a random number that only its reader knows.
        for (var i = 0; i < request.GetArgumentCount(); i++)
        {
            if (request.GetArgument(i) is IInvokable inner)
            {
                return Of(inner.GetMethod());
            }
        }

        return Role.View;
    }

    private Role Of(MethodInfo method) => _ofMethods.GetOrAdd(method, method =>
        knowsOthers && !_ours.Contains(method.DeclaringType?.Assembly) ? Role.None
        : method.GetCustomAttribute<RequiresRoleAttribute>()?.Role
        ?? (method.DeclaringType?.FullName is { } name && _ofOrleans.TryGetValue(name, out var role) ? role : Role.Silo));
}
