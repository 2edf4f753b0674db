using System.Reflection;

namespace Lcnn.Distributed.UnitTests.Grains;

/// <summary>A factory whose grains are the test's, by interface and key.</summary>
public class GrainsByKey : DispatchProxy
{
    private Func<Type, string, object>? _find;

    /// <summary>The factory that asks <paramref name="find"/>.</summary>
    public static IGrainFactory With(Func<Type, string, object> find)
    {
        var factory = Create<IGrainFactory, GrainsByKey>();
        ((GrainsByKey)factory)._find = find;
        return factory;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        args is [string key, ..] ? _find!(targetMethod!.ReturnType, key) : throw new NotSupportedException($"{targetMethod}");
}
