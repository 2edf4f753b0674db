using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Grains.Runs;

/// <summary>What a run leaves behind: its figures, and the snapshots in its folder.</summary>
internal sealed partial class RunCoordinatorGrain : ISnapshotLocator
{
    public Task<RunMetrics> GetMetricsAsync(CancellationToken cancellationToken) => GetMetricsAsync(new EpochQuery(), cancellationToken);

    public Task<RunMetrics> GetMetricsAsync(EpochQuery query, CancellationToken cancellationToken)
    {
        DriverOrThrow();
        var progress = Progress(query);
        return Task.FromResult(new RunMetrics { RunId = Id, Phase = progress.Phase, Epochs = progress.Epochs, Final = progress.Final });
    }

    public Task<SeriesWindow> GetSeriesAsync(SeriesQuery query, CancellationToken cancellationToken)
    {
        var driver = DriverOrThrow();
        return query.Problems().ToList() is { Count: > 0 } problems
            ? throw new InvalidSpecException(problems)
            : _series!.ReadAsync(query, Math.Max(driver.History.Step, Record.CommittedSnapshot?.Step ?? 0), cancellationToken);
    }

    public Task<IReadOnlyList<RunEvent>> GetHistoryAsync(long afterSequence, CancellationToken cancellationToken)
    {
        DriverOrThrow();
        return _series!.ReadHistoryAsync(afterSequence, cancellationToken);
    }

    public async Task<SnapshotListing> ListSnapshotsAsync(CancellationToken cancellationToken)
    {
        var folder = FolderOf(DriverOrThrow());
        if (folder.Committed is null)
        {
            return new SnapshotListing("", []);
        }

        var search = new SnapshotSearch(Id, GrainFactory, membership, Clock);
        return await search.FindAsync(folder.Path, [.. Record.Members.Select(member => member.Silo)], cancellationToken);
    }

    public Task<SnapshotLocation> GetFolderAsync(CancellationToken cancellationToken) => Task.FromResult(FolderOf(DriverOrThrow()));

    private RunDriver DriverOrThrow() => _driver ?? throw new RunNotFoundException(Id);

    // A snapshot of another folder, which the run goes on from, is not its own.
    private SnapshotLocation FolderOf(RunDriver driver)
    {
        var folder = driver.Spec.OutputDirectory;
        var committed = Record.CommittedSnapshot?.Path;
        return new SnapshotLocation(folder, committed is not null && RunSnapshots.IsIn(folder, committed) ? Path.GetFileName(committed) : null);
    }
}
