using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Contracts.Workers;

/// <summary>What workers tell their coordinator. Reports of another generation than the current one are refused.</summary>
[Alias("lcnn.IWorkerReports")]
public interface IWorkerReports : IGrainWithStringKey
{
    /// <summary>Steps that all ranks have made; from the leading rank.</summary>
    [Alias("ReportStepsAsync")]
    Task ReportStepsAsync(int generation, IReadOnlyList<StepCompleted> steps, CancellationToken cancellationToken);

    /// <summary>An epoch trained and evaluated; from the leading rank.</summary>
    [Alias("ReportEpochAsync")]
    Task ReportEpochAsync(int generation, EpochCompleted epoch, CancellationToken cancellationToken);

    /// <summary>A durable snapshot, to be committed; from the leading rank, who moves "latest" only after this returns.</summary>
    [Alias("CommitSnapshotAsync")]
    Task CommitSnapshotAsync(int generation, SnapshotCommitted snapshot, CancellationToken cancellationToken);

    /// <summary>A committed snapshot that "latest" names by now, to be told; from the leading rank.</summary>
    [Alias("ReportSnapshotAsync")]
    Task ReportSnapshotAsync(int generation, SnapshotCommitted snapshot, CancellationToken cancellationToken);

    /// <summary>Progress of an evaluation; from the leading rank.</summary>
    [Alias("ReportEvaluationAsync")]
    Task ReportEvaluationAsync(int generation, EvaluationProgressed progress, CancellationToken cancellationToken);

    /// <summary>Progress of the curvature measurement; from the leading rank.</summary>
    [Alias("ReportCurvatureAsync")]
    Task ReportCurvatureAsync(int generation, CurvatureProgressed progress, CancellationToken cancellationToken);

    /// <summary>Progress of attacks, certificates and noise; from the leading rank.</summary>
    [Alias("ReportRobustnessAsync")]
    Task ReportRobustnessAsync(int generation, RobustnessProgressed progress, CancellationToken cancellationToken);

    /// <summary>Progress of the data set's download or decoding; from the rank that loads it for its process, before it has joined.</summary>
    [Alias("ReportDownloadAsync")]
    Task ReportDownloadAsync(int generation, DataSetDownloading progress, CancellationToken cancellationToken);

    /// <summary>Something worth telling the user.</summary>
    [Alias("ReportWarningAsync")]
    Task ReportWarningAsync(int generation, string message, CancellationToken cancellationToken);

    /// <summary>A rank has nothing left to do.</summary>
    [Alias("ReportFinishedAsync")]
    Task ReportFinishedAsync(int generation, WorkerFinished finished, CancellationToken cancellationToken);

    /// <summary>A rank cannot go on.</summary>
    [Alias("ReportFailedAsync")]
    Task ReportFailedAsync(int generation, WorkerFailed failure, CancellationToken cancellationToken);

    /// <summary>A rank is alive; also wakes a coordinator that was lost with its silo.</summary>
    [Alias("ReportAliveAsync")]
    Task ReportAliveAsync(int generation, WorkerPulse pulse, CancellationToken cancellationToken);

    /// <summary>A silo is about to stop: the run takes a snapshot and goes on without it.</summary>
    [Alias("DrainAsync")]
    Task DrainAsync(string silo, CancellationToken cancellationToken);
}
