using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Cli.Display;

/// <summary>Shows a run to its user, from the first event to the final one. May be called from several threads.</summary>
internal interface IRunDisplay : IAsyncDisposable
{
    /// <summary>The next event of the run.</summary>
    void Show(RunEvent runEvent);

    /// <summary>The page of a completed run is written.</summary>
    /// <param name="path">Where it is.</param>
    void Written(string path);

    /// <summary>Something that the program, not the run, has to say.</summary>
    void Notice(string message);
}
