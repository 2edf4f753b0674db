using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.Cli.Display;

/// <summary>Shows a sweep to its user, from the first event to the final one. May be called from several threads.</summary>
internal interface ISweepDisplay : IAsyncDisposable
{
    /// <summary>Whether it shows what only the sweep's status tells: free slots, time left.</summary>
    bool WantsStatus { get; }

    /// <summary>The next event of the sweep.</summary>
    void Show(SweepEvent sweepEvent);

    /// <summary>The sweep at this moment.</summary>
    void Show(SweepStatus status);

    /// <summary>The page of a sweep that ends is written, before its end is shown.</summary>
    /// <param name="path">Where it is.</param>
    void Written(string path);

    /// <summary>Something that the program, not the sweep, has to say.</summary>
    void Notice(string message);
}
