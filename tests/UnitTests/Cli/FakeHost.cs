using System.Runtime.CompilerServices;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Client;
using Lcnn.Distributed.Client.Sweeps;
using Lcnn.Distributed.Contracts.Cluster;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.UnitTests.Cli;

/// <summary>A host whose only run emits what the test scripted.</summary>
internal sealed class FakeHost : IRunHost, IRunLauncher, IRunHandle, IRunSnapshots
{
    private readonly TaskCompletionSource<string> _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly TaskCompletionSource<string> _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The events of the run.</summary>
    public IReadOnlyList<RunEvent> Events { get; set; } = [Sample.Completed()];

    /// <summary>Called before each event is handed out.</summary>
    public Action<RunEvent> BeforeEvent { get; set; } = _ => { };

    /// <summary>Called when the host starts.</summary>
    public Action<CancellationToken> OnStart { get; set; } = _ => { };

    /// <summary>Thrown by the start of the run.</summary>
    public Exception? StartError { get; set; }

    /// <summary>Thrown by the watch when the events are used up.</summary>
    public Exception? WatchError { get; set; }

    public RunSpec? Spec { get; private set; }

    /// <summary>Where the command wanted to run.</summary>
    public RunPlace? Place { get; private set; }

    /// <summary>What the cluster lists.</summary>
    public IReadOnlyList<RunEntry> Runs { get; set; } = [];

    /// <summary>What the cluster lists of sweeps.</summary>
    public IReadOnlyList<SweepEntry> Sweeps { get; set; } = [];

    /// <summary>What the cluster consists of.</summary>
    public IReadOnlyList<SiloReport> Silos { get; set; } = [];


    public bool IsDisposed { get; private set; }

    public string? CancelReason { get; private set; }

    public IRunLauncher Launcher => this;

    public Task<string> Lost => _lost.Task;

    public string Id => "run-1";

    public Task<IRunHost> OpenAsync(RunPlace place, CancellationToken cancellationToken)
    {
        Place = place;
        OnStart(cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult<IRunHost>(this);
    }

    public Task<IRunHandle> StartAsync(RunSpec spec, CancellationToken cancellationToken = default)
    {
        Spec = spec;
        return StartError is null ? Task.FromResult<IRunHandle>(this) : Task.FromException<IRunHandle>(StartError);
    }

    /// <summary>The id that the caller chose; null where the launcher made it.</summary>
    public string? ChosenId { get; private set; }

    public Task<IRunHandle> StartAsync(RunSpec spec, string runId, CancellationToken cancellationToken = default)
    {
        ChosenId = runId;
        return StartAsync(spec, cancellationToken);
    }

    /// <summary>What the cluster's run was started with; null where it knows none.</summary>
    public RunSpec? Started { get; set; }

    public Task<RunSpec> GetSpecAsync(CancellationToken cancellationToken = default) =>
        Started is null ? Task.FromException<RunSpec>(new RunNotFoundException(Id)) : Task.FromResult(Started);

    /// <summary>What the cluster finds in any folder.</summary>
    public RunFolderContent Folder { get; set; } = new();

    public Task<RunFolderContent> ReadFolderAsync(string folder, CancellationToken cancellationToken = default) => Task.FromResult(Folder);

    public IRunHandle Find(string runId) => this;

    public Task<IRunHandle> FindAsync(string runId, CancellationToken cancellationToken = default) =>
        runId == Id ? Task.FromResult<IRunHandle>(this) : Task.FromException<IRunHandle>(new RunNotFoundException(runId));

    public Task<IReadOnlyList<RunEntry>> ListRunsAsync(int limit = 100, CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlyList<RunEntry>>([.. Runs.Take(limit)]);

    public Task<IReadOnlyList<SiloReport>> ListSilosAsync(CancellationToken cancellationToken = default) => Task.FromResult(Silos);

    /// <summary>The only sweep of the cluster.</summary>
    public FakeSweep Sweep { get; } = new();

    public Task<ISweepHandle> StartSweepAsync(SweepSpec spec, CancellationToken cancellationToken = default)
    {
        Sweep.Spec = spec;
        return Task.FromResult<ISweepHandle>(Sweep);
    }

    public Task<ISweepHandle> StartSweepAsync(SweepSpec spec, string sweepId, CancellationToken cancellationToken = default)
    {
        ChosenId = sweepId;
        return StartError is null ? StartSweepAsync(spec, cancellationToken) : Task.FromException<ISweepHandle>(StartError);
    }

    public Task<ISweepHandle> FindSweepAsync(string sweepId, CancellationToken cancellationToken = default) =>
        sweepId == Sweep.Id ? Task.FromResult<ISweepHandle>(Sweep) : Task.FromException<ISweepHandle>(new SweepNotFoundException(sweepId));

    public Task<IReadOnlyList<SweepEntry>> ListSweepsAsync(int limit = 100, CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlyList<SweepEntry>>([.. Sweeps.Take(limit)]);

    public async IAsyncEnumerable<RunEvent> WatchAsync(
        long afterSequence = 0, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var runEvent in Events)
        {
            BeforeEvent(runEvent);
            if (runEvent is RunCancelled)
            {
                await _cancelled.Task.WaitAsync(TimeSpan.FromSeconds(30), cancellationToken);
            }

            yield return runEvent;
        }

        if (WatchError is not null)
        {
            throw WatchError;
        }
    }

    public Task CancelAsync(string reason, CancellationToken cancellationToken = default)
    {
        CancelReason = reason;
        _cancelled.TrySetResult(reason);
        return Task.CompletedTask;
    }

    /// <summary>Answers for the run; without it, it trains.</summary>
    public Func<CancellationToken, Task<RunStatus>>? Status { get; set; }

    public Task<RunStatus> GetStatusAsync(CancellationToken cancellationToken = default) =>
        Status?.Invoke(cancellationToken) ?? Task.FromResult(new RunStatus(Id, RunPhase.Training, 0, 0, 0));

    public Task SetTagsAsync(IReadOnlyList<string> tags, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task<IReadOnlyList<RankStatus>> GetRanksAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

    /// <summary>The run's newest snapshot; null where it has none.</summary>
    public SnapshotInfo? Newest { get; set; }

    /// <summary>Thrown by the copy of a snapshot.</summary>
    public Exception? CopyError { get; set; }

    public IRunSnapshots Snapshots => this;

    public Task<SeriesWindow> GetSeriesAsync(SeriesQuery query, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task<IReadOnlyList<RunEvent>> GetHistoryAsync(long afterSequence = 0, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task<RunMetrics> GetMetricsAsync(CancellationToken cancellationToken = default) => GetMetricsAsync(new EpochQuery(), cancellationToken);

    public Task<RunMetrics> GetMetricsAsync(EpochQuery query, CancellationToken cancellationToken = default) =>
        Task.FromResult(new RunMetrics { RunId = Id, Epochs = [.. Events.OfType<EpochCompleted>().Where(epoch => epoch.Epoch > query.After).TakeLast(query.Most)] });

    public Task<IReadOnlyList<SnapshotInfo>> ListAsync(CancellationToken cancellationToken = default) =>
        Task.FromResult<IReadOnlyList<SnapshotInfo>>(Newest is null ? [] : [Newest]);

    public async IAsyncEnumerable<byte[]> ReadFileAsync(
        string snapshot, string file, long offset = 0, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask;
        yield break;
    }

    public Task DownloadFileAsync(
        string snapshot, string file, string path, IProgress<long>? progress = null, CancellationToken cancellationToken = default) => Task.CompletedTask;

    public Task<SnapshotCopy> DownloadAsync(
        string? snapshot, string folder, IProgress<long>? progress = null, CancellationToken cancellationToken = default) =>
        CopyError is not null ? Task.FromException<SnapshotCopy>(CopyError)
        : Newest is not null && (snapshot ?? Newest.Name) == Newest.Name ? Task.FromResult(new SnapshotCopy(Newest, Path.Combine(folder, Newest.Name)))
        : Task.FromException<SnapshotCopy>(new SnapshotNotFoundException(Id, snapshot ?? "newest"));

    /// <summary>Takes the place away.</summary>
    public void Lose(string reason) => _lost.SetResult(reason);

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return ValueTask.CompletedTask;
    }
}
