using System.Collections.Concurrent;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Workers;

namespace Lcnn.Distributed.UnitTests.Grains;

/// <summary>A coordinator that hears of snapshots and warnings; tests that need more of it derive theirs.</summary>
internal class FakeReports : IWorkerReports
{
    /// <summary>What it heard, in order.</summary>
    public ConcurrentQueue<string> Warnings { get; } = new();

    /// <summary>What it does with a snapshot.</summary>
    public Func<SnapshotCommitted, Task> Commit { get; set; } = _ => Task.CompletedTask;

    /// <summary>What it does when a snapshot is to be told.</summary>
    public Func<SnapshotCommitted, Task> Tell { get; set; } = _ => Task.CompletedTask;

    public Task CommitSnapshotAsync(int generation, SnapshotCommitted snapshot, CancellationToken cancellationToken) => Commit(snapshot);

    public Task ReportSnapshotAsync(int generation, SnapshotCommitted snapshot, CancellationToken cancellationToken) => Tell(snapshot);

    public virtual Task ReportWarningAsync(int generation, string message, CancellationToken cancellationToken)
    {
        Warnings.Enqueue(message);
        return Task.CompletedTask;
    }

    public virtual Task ReportStepsAsync(int generation, IReadOnlyList<StepCompleted> steps, CancellationToken cancellationToken) => throw new NotSupportedException();

    public virtual Task ReportEpochAsync(int generation, EpochCompleted epoch, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task ReportEvaluationAsync(int generation, EvaluationProgressed progress, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task ReportCurvatureAsync(int generation, CurvatureProgressed progress, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task ReportRobustnessAsync(int generation, RobustnessProgressed progress, CancellationToken cancellationToken) => throw new NotSupportedException();

    public virtual Task ReportDownloadAsync(int generation, DataSetDownloading progress, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task ReportFinishedAsync(int generation, WorkerFinished finished, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task ReportFailedAsync(int generation, WorkerFailed failure, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task ReportAliveAsync(int generation, WorkerPulse pulse, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task DrainAsync(string silo, CancellationToken cancellationToken) => throw new NotSupportedException();
}
