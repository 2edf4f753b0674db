using Lcnn.Distributed.Client;

namespace Lcnn.Distributed.Cli.Services;

/// <summary>A place to run in, connected until disposed.</summary>
internal interface IRunHost : IAsyncDisposable
{
    private static readonly TaskCompletionSource<string> _never = new();

    /// <summary>Starts and finds runs there.</summary>
    IRunLauncher Launcher { get; }

    /// <summary>Completes if the place is gone for good, with the reason.</summary>
    Task<string> Lost => _never.Task;
}
