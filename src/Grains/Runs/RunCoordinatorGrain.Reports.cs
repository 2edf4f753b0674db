using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Workers;

namespace Lcnn.Distributed.Grains.Runs;

/// <summary>What workers report. An answer means that it is stored; another generation's worker is told that its time is over.</summary>
internal sealed partial class RunCoordinatorGrain : IWorkerReports
{
    public Task ReportStepsAsync(int generation, IReadOnlyList<StepCompleted> steps, CancellationToken cancellationToken) =>
        LogAsync(generation, driver => driver.Take(steps));

    public Task ReportEpochAsync(int generation, EpochCompleted epoch, CancellationToken cancellationToken) => GuardAsync(async () =>
    {
        await DriverOf(generation).TakeAsync(generation, epoch);
        Wake();
        await _log!.FlushAsync(Deactivating);
    });

    public Task ReportEvaluationAsync(int generation, EvaluationProgressed progress, CancellationToken cancellationToken) =>
        LogAsync(generation, driver => driver.History.Take(progress));

    public Task ReportCurvatureAsync(int generation, CurvatureProgressed progress, CancellationToken cancellationToken) =>
        LogAsync(generation, driver => driver.History.Take(progress));

    public Task ReportRobustnessAsync(int generation, RobustnessProgressed progress, CancellationToken cancellationToken) =>
        LogAsync(generation, driver => driver.History.Take(progress));

    public Task ReportDownloadAsync(int generation, DataSetDownloading progress, CancellationToken cancellationToken) =>
        LogAsync(generation, driver =>
        {
            driver.Generation?.NoteLoading();
            _log!.Append(progress);
        });

    public Task ReportWarningAsync(int generation, string message, CancellationToken cancellationToken) =>
        LogAsync(generation, _ => _log!.Append(new RunWarning { Message = message }));

    public async Task CommitSnapshotAsync(int generation, SnapshotCommitted snapshot, CancellationToken cancellationToken)
    {
        var driver = DriverOf(generation);
        await GuardAsync(() => driver.CommitAsync(generation, snapshot));
        driver.ConsiderGrowingAsync().Ignore();
    }

    public Task ReportSnapshotAsync(int generation, SnapshotCommitted snapshot, CancellationToken cancellationToken) =>
        LogAsync(generation, driver => driver.History.Take(snapshot));

    // Reports do not wait for the end they bring about: ending waits until the reporting worker's queue is empty.
    public Task ReportFinishedAsync(int generation, WorkerFinished finished, CancellationToken cancellationToken)
    {
        DriverOf(generation).Generation?.Finish(finished);
        return Task.CompletedTask;
    }

    public Task ReportFailedAsync(int generation, WorkerFailed failure, CancellationToken cancellationToken)
    {
        DriverOf(generation).Generation?.Fail(failure);
        return Task.CompletedTask;
    }

    public Task ReportAliveAsync(int generation, WorkerPulse pulse, CancellationToken cancellationToken)
    {
        DriverOf(generation).Generation?.Take(pulse);
        return Task.CompletedTask;
    }

    public async Task DrainAsync(string silo, CancellationToken cancellationToken)
    {
        if (_driver is { Generation: { } generation } driver && generation.Members.Any(member => member.Silo == silo))
        {
            await GuardAsync(() => driver.RegroupAsync($"silo {silo} leaves"));
        }
    }

    private Task LogAsync(int generation, Action<RunDriver> append) => GuardAsync(() =>
    {
        append(DriverOf(generation));
        return _log!.FlushAsync(Deactivating);
    });

    private RunDriver DriverOf(int generation)
    {
        return _driver is { } driver && generation == Record.Generation && !Record.Ended
            ? driver
            : throw new StaleGenerationException(Id, generation, Record.Generation);
    }
}
