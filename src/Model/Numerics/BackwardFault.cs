using System.Runtime.ExceptionServices;

namespace Lcnn.Distributed.Model.Numerics;

/// <summary>What a custom function's backward threw: an exception that left it for libtorch's frames would end the process.</summary>
/// <remarks>A function finds it by <see cref="OfThread"/> in its forward and keeps it: on a GPU its backward runs on libtorch's thread.</remarks>
internal sealed class BackwardFault
{
    [ThreadStatic]
    private static BackwardFault? _ofThread;

    private Exception? _first;

    /// <summary>That of the calling thread, which begins the backward passes of the graphs that it made.</summary>
    public static BackwardFault OfThread => _ofThread ??= new BackwardFault();

    /// <summary>Keeps the first exception of a pass.</summary>
    public void Keep(Exception exception) => Interlocked.CompareExchange(ref _first, exception, null);

    /// <summary>Throws what was kept, once.</summary>
    public void ThrowIfAny()
    {
        if (Interlocked.Exchange(ref _first, null) is { } exception)
        {
            ExceptionDispatchInfo.Throw(exception);
        }
    }
}
