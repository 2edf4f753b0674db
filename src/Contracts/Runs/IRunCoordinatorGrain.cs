using Lcnn.Distributed.Contracts.Security;

namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>The control plane of one run: validates, places workers, assigns shards and owners, answers clients. Keyed by run id.</summary>
[Alias("lcnn.IRunCoordinatorGrain")]
public interface IRunCoordinatorGrain : IGrainWithStringKey
{
    /// <summary>Starts the run; a second call with the same spec does nothing, also once the run has ended or goes on from a snapshot in its own folder.</summary>
    /// <exception cref="InvalidSpecException">The spec cannot run; every problem is named.</exception>
    /// <exception cref="RunExistsException">The id is taken by another spec.</exception>
    [Alias("StartAsync"), RequiresRole(Role.Operate), ResponseTimeout("00:00:30")]
    Task<RunStatus> StartAsync(RunSpec spec, CancellationToken cancellationToken);

    /// <summary>Starts the run as one of a sweep's, which takes turns for slots with others and waits for silos that are not there yet.</summary>
    /// <exception cref="InvalidSpecException">The spec cannot run; every problem is named.</exception>
    [Alias("StartTrialAsync"), ResponseTimeout("00:00:30")]
    Task<RunStatus> StartTrialAsync(RunSpec spec, TrialOrigin origin, CancellationToken cancellationToken);

    /// <summary>The events after a position of the log, live until the final one.</summary>
    [Alias("WatchAsync"), RequiresRole(Role.View)]
    IAsyncEnumerable<RunEvent> WatchAsync(long afterSequence, CancellationToken cancellationToken);

    /// <summary>Stops the run after the current step and keeps a snapshot.</summary>
    [Alias("CancelAsync"), RequiresRole(Role.Operate), ResponseTimeout("00:00:30")]
    Task CancelAsync(string reason, CancellationToken cancellationToken);

    /// <summary>Puts other tags on the run, ended or not; they are stored and listed when this returns.</summary>
    /// <exception cref="RunNotFoundException">No such run was started.</exception>
    /// <exception cref="InvalidSpecException">They are too many, or one is none; see <see cref="RunTags"/>.</exception>
    [Alias("SetTagsAsync"), RequiresRole(Role.Operate), ResponseTimeout("00:00:30")]
    Task<RunStatus> SetTagsAsync(IReadOnlyList<string> tags, CancellationToken cancellationToken);

    /// <summary>Where the run stands.</summary>
    [Alias("GetStatusAsync"), RequiresRole(Role.View)]
    Task<RunStatus> GetStatusAsync(CancellationToken cancellationToken);

    /// <summary>What each worker is doing, in rank order; empty while the run has none.</summary>
    /// <exception cref="RunNotFoundException">No such run was started.</exception>
    [Alias("GetRanksAsync"), RequiresRole(Role.View)]
    Task<IReadOnlyList<RankStatus>> GetRanksAsync(CancellationToken cancellationToken);

    /// <summary>What the run was started with, its folders as the silos have them; null where it is not known.</summary>
    [Alias("GetSpecAsync"), RequiresRole(Role.View)]
    Task<RunSpec?> GetSpecAsync(CancellationToken cancellationToken);

    /// <summary>The epochs after one, and the end if it was reached: at once when there is either, else when there is, or after some seconds.</summary>
    [Alias("GetProgressAsync"), RequiresRole(Role.View), ResponseTimeout("00:00:30")]
    Task<RunProgress> GetProgressAsync(int afterEpoch, CancellationToken cancellationToken);

    /// <summary>The run's epochs and its final event, without the steps between them.</summary>
    /// <exception cref="RunNotFoundException">No such run was started.</exception>
    [Alias("GetMetricsAsync"), RequiresRole(Role.View), ResponseTimeout("00:00:30")]
    Task<RunMetrics> GetMetricsAsync(CancellationToken cancellationToken);

    /// <summary>Some of the run's epochs, and its final event.</summary>
    /// <exception cref="RunNotFoundException">No such run was started.</exception>
    [Alias("GetMetricsOfAsync"), RequiresRole(Role.View), ResponseTimeout("00:00:30")]
    Task<RunMetrics> GetMetricsAsync(EpochQuery query, CancellationToken cancellationToken);

    /// <summary>The steps of the run, from the history beside its snapshots and from its log.</summary>
    /// <exception cref="RunNotFoundException">No such run was started.</exception>
    /// <exception cref="InvalidSpecException">The query asks for what there is not; every problem is named.</exception>
    [Alias("GetSeriesAsync"), RequiresRole(Role.View), ResponseTimeout("00:00:30")]
    Task<SeriesWindow> GetSeriesAsync(SeriesQuery query, CancellationToken cancellationToken);

    /// <summary>What happened to the run beside its steps after an event of its log, in order: starts, changes of membership, epochs, snapshots, warnings, its end.</summary>
    /// <exception cref="RunNotFoundException">No such run was started.</exception>
    [Alias("GetHistoryAfterAsync"), RequiresRole(Role.View), ResponseTimeout("00:00:30")]
    Task<IReadOnlyList<RunEvent>> GetHistoryAsync(long afterSequence, CancellationToken cancellationToken);

    /// <summary>The snapshots in the run's folder, and the silo that reads them out.</summary>
    /// <exception cref="RunNotFoundException">No such run was started.</exception>
    /// <exception cref="RunFolderNotFoundException">No silo sees the folder.</exception>
    [Alias("ListSnapshotsAsync"), RequiresRole(Role.View), ResponseTimeout("00:00:30")]
    Task<SnapshotListing> ListSnapshotsAsync(CancellationToken cancellationToken);
}
