using System.Reflection;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.UnitTests.Client;

/// <summary>A cluster that consists of one reader of snapshots.</summary>
public class FakeGrains : DispatchProxy
{
    private ISnapshotFilesGrain? _folder;

    /// <summary>The factory that gives out <paramref name="folder"/>.</summary>
    public static IGrainFactory With(ISnapshotFilesGrain? folder = null)
    {
        var factory = Create<IGrainFactory, FakeGrains>();
        ((FakeGrains)factory)._folder = folder;
        return factory;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        targetMethod!.ReturnType == typeof(ISnapshotFilesGrain) && _folder is not null ? _folder : throw new NotSupportedException($"{targetMethod}");
}
