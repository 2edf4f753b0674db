using Lcnn.Distributed.Client;

namespace Lcnn.Distributed.Cli.Hosting;

/// <summary>A place to run in, alive until disposed.</summary>
internal interface ILocalHost : IAsyncDisposable
{
    /// <summary>Starts runs there.</summary>
    IRunLauncher Launcher { get; }
}
