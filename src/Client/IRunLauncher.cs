using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Client;

/// <summary>Starts runs and finds them again.</summary>
public interface IRunLauncher
{
    /// <summary>Starts a run under a new id.</summary>
    /// <exception cref="InvalidSpecException">The spec cannot run; every problem is named.</exception>
    Task<IRunHandle> StartAsync(RunSpec spec, CancellationToken cancellationToken = default);

    /// <summary>The handle of a run that was started before, by anyone.</summary>
    IRunHandle Find(string runId);
}
