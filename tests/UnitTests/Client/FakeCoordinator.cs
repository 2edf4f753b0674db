using System.Runtime.CompilerServices;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.UnitTests.Client;

/// <summary>A coordinator whose log is whole while its connections break where the test says.</summary>
internal sealed class FakeCoordinator : IRunCoordinatorGrain
{
    /// <summary>The log.</summary>
    public List<RunEvent> Log { get; } = [];

    /// <summary>What each watch in turn ends with, and after how many events; without an error it just falls silent.</summary>
    public Queue<(int Events, Exception? Error)> Breaks { get; } = new();

    /// <summary>What a watch waits for before it ends with an error.</summary>
    public Func<CancellationToken, Task> BeforeError { get; set; } = _ => Task.CompletedTask;

    /// <summary>What each other call in turn fails with.</summary>
    public Queue<Exception> Errors { get; } = new();

    /// <summary>What a cancellation waits for.</summary>
    public Func<CancellationToken, Task> BeforeCancel { get; set; } = _ => Task.CompletedTask;

    /// <summary>Positions that watches began after.</summary>
    public List<long> Watches { get; } = [];

    public RunPhase Phase { get; set; } = RunPhase.Training;

    public int Calls { get; private set; }

    public Task<RunStatus> StartAsync(RunSpec spec, CancellationToken cancellationToken) => GetStatusAsync(cancellationToken);

    public Task<RunStatus> StartTrialAsync(RunSpec spec, TrialOrigin origin, CancellationToken cancellationToken) => GetStatusAsync(cancellationToken);

    public async IAsyncEnumerable<RunEvent> WatchAsync(long afterSequence, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Yield();
        Watches.Add(afterSequence);
        var (events, error) = Breaks.TryDequeue(out var next) ? next : (int.MaxValue, null);
        foreach (var runEvent in Log.SkipWhile(runEvent => runEvent.Sequence <= afterSequence).Take(events))
        {
            yield return runEvent;
        }

        if (error is not null)
        {
            await BeforeError(cancellationToken);
            throw error;
        }

        if (events < int.MaxValue)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
    }

    public async Task CancelAsync(string reason, CancellationToken cancellationToken)
    {
        await BeforeCancel(cancellationToken);
        await GetStatusAsync(cancellationToken);
    }

    public Task<RunProgress> GetProgressAsync(int afterEpoch, CancellationToken cancellationToken) => Task.FromResult(new RunProgress
    {
        Phase = Phase,
        Epochs = [.. Log.OfType<EpochCompleted>().Where(epoch => epoch.Epoch > afterEpoch)],
        Final = Log.Find(runEvent => runEvent.IsFinal),
    });

    public Task<RunStatus> GetStatusAsync(CancellationToken cancellationToken)
    {
        Calls++;
        return Errors.TryDequeue(out var error)
            ? Task.FromException<RunStatus>(error)
            : Task.FromResult(new RunStatus("run-1", Phase, 0, 0, Log.Count));
    }

    public Task<RunStatus> SetTagsAsync(IReadOnlyList<string> tags, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<RankStatus>> GetRanksAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<RunSpec?> GetSpecAsync(CancellationToken cancellationToken) => Task.FromResult<RunSpec?>(null);

    public Task<RunMetrics> GetMetricsAsync(CancellationToken cancellationToken) => GetMetricsAsync(new EpochQuery(), cancellationToken);

    public async Task<RunMetrics> GetMetricsAsync(EpochQuery query, CancellationToken cancellationToken)
    {
        await GetStatusAsync(cancellationToken);
        return new RunMetrics { RunId = "run-1", Phase = Phase, Epochs = [.. Log.OfType<EpochCompleted>().Where(epoch => epoch.Epoch > query.After).TakeLast(query.Most)] };
    }

    public Task<SeriesWindow> GetSeriesAsync(SeriesQuery query, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IReadOnlyList<RunEvent>> GetHistoryAsync(long afterSequence, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>The snapshots that are listed.</summary>
    public SnapshotListing Listing { get; set; } = new("", []);

    public async Task<SnapshotListing> ListSnapshotsAsync(CancellationToken cancellationToken)
    {
        await GetStatusAsync(cancellationToken);
        return Listing;
    }
}
