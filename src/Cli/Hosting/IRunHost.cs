using Lcnn.Distributed.Client;

namespace Lcnn.Distributed.Cli.Hosting;

/// <summary>A place to run in, connected until disposed.</summary>
internal interface IRunHost : IAsyncDisposable
{
    /// <summary>Starts and finds runs there.</summary>
    IRunLauncher Launcher { get; }
}
