using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Client;

/// <summary>One run, as its clients see it.</summary>
/// <remarks>Every call outlives lost connections and silos, and gives up with <see cref="ClusterUnreachableException"/> after five minutes without an answer.</remarks>
public interface IRunHandle
{
    /// <summary>The run's id, which finds it again from any client of the cluster.</summary>
    string Id { get; }

    /// <summary>Lists and downloads what the run has written.</summary>
    IRunSnapshots Snapshots { get; }

    /// <summary>The events after a position of the run's log, live until the final one: each once and in order, whatever is lost on the way.</summary>
    /// <remarks>
    /// Whoever reads slowly, or not at all for a while, finds everything later and holds up nothing. The log keeps the newest 100,000 events:
    /// where older ones are asked for it begins with <see cref="RunStarted"/> and the oldest there is, which <see cref="RunEvent.Sequence"/> tells.
    /// </remarks>
    /// <param name="afterSequence">The number of the last event seen; 0 for all.</param>
    /// <param name="cancellationToken">Ends the watch; the run goes on.</param>
    /// <exception cref="RunNotFoundException">The silo that held the run's record was lost.</exception>
    IAsyncEnumerable<RunEvent> WatchAsync(long afterSequence = 0, CancellationToken cancellationToken = default);

    /// <summary>Stops the run after the current step; it keeps a snapshot.</summary>
    Task CancelAsync(string reason, CancellationToken cancellationToken = default);

    /// <summary>Puts other tags on the run, in place of those it has; ended runs take them, too.</summary>
    /// <param name="tags">At most <see cref="RunTags.MaxCount"/>; empty for none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="RunNotFoundException">The cluster does not know the run.</exception>
    /// <exception cref="InvalidSpecException">They are too many, or one is none.</exception>
    Task SetTagsAsync(IReadOnlyList<string> tags, CancellationToken cancellationToken = default);

    /// <summary>Where the run stands.</summary>
    Task<RunStatus> GetStatusAsync(CancellationToken cancellationToken = default);

    /// <summary>What each worker is doing, whom it waits for and what it did so far, in rank order; empty while the run has none, such as after its end.</summary>
    /// <exception cref="RunNotFoundException">The cluster does not know the run.</exception>
    Task<IReadOnlyList<RankStatus>> GetRanksAsync(CancellationToken cancellationToken = default);

    /// <summary>Everything the run was started with, defaults included, its folders as the silos have them.</summary>
    /// <exception cref="RunNotFoundException">The cluster does not know the run.</exception>
    Task<RunSpec> GetSpecAsync(CancellationToken cancellationToken = default);

    /// <summary>The run's epochs and its final report in one call, without the steps between them.</summary>
    /// <exception cref="RunNotFoundException">The cluster does not know the run.</exception>
    Task<RunMetrics> GetMetricsAsync(CancellationToken cancellationToken = default);

    /// <summary>Some of the run's epochs, such as those that are new to the caller, and its final report.</summary>
    /// <exception cref="RunNotFoundException">The cluster does not know the run.</exception>
    Task<RunMetrics> GetMetricsAsync(EpochQuery query, CancellationToken cancellationToken = default);

    /// <summary>The steps of the run, or neighbours in buckets with the smallest and the largest of each: from the history in its folder, which outlives the log.</summary>
    /// <exception cref="RunNotFoundException">The cluster does not know the run.</exception>
    /// <exception cref="InvalidSpecException">The query asks for what there is not; every problem is named.</exception>
    Task<SeriesWindow> GetSeriesAsync(SeriesQuery query, CancellationToken cancellationToken = default);

    /// <summary>What happened to the run beside its steps, in order: its start, changes of membership, epochs, snapshots, warnings, its end.</summary>
    /// <param name="afterSequence">Number of the newest event that the caller has; 0 for none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="RunNotFoundException">The cluster does not know the run.</exception>
    Task<IReadOnlyList<RunEvent>> GetHistoryAsync(long afterSequence = 0, CancellationToken cancellationToken = default);
}
