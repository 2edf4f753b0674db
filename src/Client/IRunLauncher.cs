using Lcnn.Distributed.Client.Sweeps;
using Lcnn.Distributed.Contracts.Cluster;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.Client;

/// <summary>Starts runs and sweeps and finds them again.</summary>
public interface IRunLauncher
{
    /// <summary>Starts a run under a new id.</summary>
    /// <exception cref="InvalidSpecException">The spec cannot run; every problem is named.</exception>
    Task<IRunHandle> StartAsync(RunSpec spec, CancellationToken cancellationToken = default);

    /// <summary>Starts a run under an id of the caller's, or finds the one that was started so before, ended or not: a start may be repeated by another process.</summary>
    /// <param name="spec">What to train; its folder, if it names none, is that of the id.</param>
    /// <param name="runId">1 to 128 letters, digits, '-', '_' and '.', a letter or digit first.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidSpecException">The spec cannot run, or the id is none; every problem is named.</exception>
    /// <exception cref="RunExistsException">Another spec was started under this id; what differs is named.</exception>
    Task<IRunHandle> StartAsync(RunSpec spec, string runId, CancellationToken cancellationToken = default);

    /// <summary>What the silos find in the folder of a run: the snapshot to go on from, with its spec, if any of them sees one.</summary>
    /// <param name="folder">A path on the silos: of a run's folder, or of a snapshot's.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<RunFolderContent> ReadFolderAsync(string folder, CancellationToken cancellationToken = default);

    /// <summary>The handle of a run that was started before, by anyone; nobody is asked whether there is one.</summary>
    IRunHandle Find(string runId);

    /// <summary>As <see cref="Find"/>, for a run that the cluster knows.</summary>
    /// <exception cref="RunNotFoundException">It does not.</exception>
    Task<IRunHandle> FindAsync(string runId, CancellationToken cancellationToken = default);

    /// <summary>The newest runs, finished ones included, newest first.</summary>
    Task<IReadOnlyList<RunEntry>> ListRunsAsync(int limit = 100, CancellationToken cancellationToken = default);

    /// <summary>Starts a sweep under a new id.</summary>
    /// <exception cref="InvalidSpecException">The spec cannot run; every problem is named.</exception>
    Task<ISweepHandle> StartSweepAsync(SweepSpec spec, CancellationToken cancellationToken = default);

    /// <summary>Starts a sweep under an id of the caller's, or finds the one that was started so before, done or not: a start may be repeated by another process.</summary>
    /// <param name="spec">What to try; its folder, if it names none, is that of the id.</param>
    /// <param name="sweepId">1 to 128 letters, digits, '-', '_' and '.', a letter or digit first.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidSpecException">The spec cannot run, or the id is none; every problem is named.</exception>
    /// <exception cref="SweepExistsException">Another spec was started under this id.</exception>
    Task<ISweepHandle> StartSweepAsync(SweepSpec spec, string sweepId, CancellationToken cancellationToken = default);

    /// <summary>The handle of a sweep that the cluster knows.</summary>
    /// <exception cref="SweepNotFoundException">It does not.</exception>
    Task<ISweepHandle> FindSweepAsync(string sweepId, CancellationToken cancellationToken = default);

    /// <summary>The newest sweeps, finished ones included, newest first.</summary>
    Task<IReadOnlyList<SweepEntry>> ListSweepsAsync(int limit = 100, CancellationToken cancellationToken = default);

    /// <summary>The silos with their slots, and what has them.</summary>
    Task<IReadOnlyList<SiloReport>> ListSilosAsync(CancellationToken cancellationToken = default);
}
