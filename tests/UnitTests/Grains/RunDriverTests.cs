using System.Text.Json;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Workers;
using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Grains.Runs;
using Lcnn.Distributed.Grains.Storage;
using Lcnn.Distributed.UnitTests.Grains.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lcnn.Distributed.UnitTests.Grains;

public sealed class RunDriverTests : IAsyncLifetime
{
    private readonly FakeStorage<RunRecord> _storage = new()
    {
        State = new RunRecord { SpecJson = JsonSerializer.Serialize(Recipes.Default(), RunEventJson.Options), Generation = 1 },
    };

    private readonly FakeFolders _folders = new();
    private RecordAuthority<RunRecord> _authority = null!;
    private RunEventLog _log = null!;
    private RunDriver _driver = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _authority = new RecordAuthority<RunRecord>("run", _storage, TimeProvider.System, NullLogger.Instance);
        _log = await RunEventLog.OpenAsync("run", new FaultyLogStore(), TimeProvider.System, NullLogger.Instance, cancellationToken: Token);
        _driver = new RunDriver(
            "run", Recipes.Default(), _authority, _log, workers: null!, placement: null!,
            new SharedStorage("here", isLaterSegment: false, GrainsByKey.With((_, _) => _folders), NullLogger.Instance), claim: null!, series: null!,
            new RunOptions(), TimeProvider.System, NullLogger.Instance, Token);
    }

    public ValueTask DisposeAsync()
    {
        _log.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Reports_NextGenerationIsStoredBeforeThem_AreRefused()
    {
        _storage.Hold();
        var next = _authority.WriteAsync(record => record with { Generation = 2 }, Token);
        var commit = _driver.CommitAsync(1, new SnapshotCommitted { Path = "/runs/a/step-2", Step = 2 });
        var epoch = _driver.TakeAsync(1, new EpochCompleted { Epoch = 1 });
        _storage.Release();

        await next;
        await Assert.ThrowsAsync<StaleGenerationException>(() => commit);
        await Assert.ThrowsAsync<StaleGenerationException>(() => epoch);

        Assert.Null(_storage.Stored.CommittedSnapshot);
        Assert.Empty(_storage.Stored.EpochsJson);
        Assert.Equal((0, 0L), (_driver.History.Epoch, _log.LastSequence));
    }

    [Fact]
    public async Task Reports_RepeatedWhileTheFirstIsBeingStored_AreStoredOnce()
    {
        _storage.Hold();
        var epochs = Task.WhenAll(_driver.TakeAsync(1, new EpochCompleted { Epoch = 1 }), _driver.TakeAsync(1, new EpochCompleted { Epoch = 1 }));
        var commits = Task.WhenAll(Commit(2), Commit(4), Commit(4));
        Assert.False(epochs.IsCompleted);
        _storage.Release();

        await epochs;
        await commits;

        Assert.Single(_storage.Stored.EpochsJson);
        Assert.Equal((2L, 4L), (_storage.Stored.PreviousSnapshot!.Step, _storage.Stored.CommittedSnapshot!.Step));

        Task Commit(long step) => _driver.CommitAsync(1, new SnapshotCommitted { Path = $"/runs/a/step-{step}", Step = step });
    }

    // Else the next commit would leave a damaged snapshot as the one to fall back to.
    [Fact]
    public async Task FindUsable_NewestIsDamaged_IsForgottenAndTheOneBeforeTakesItsPlace()
    {
        var damaged = Directory.CreateTempSubdirectory("lcnn-damaged-");
        foreach (var file in SnapshotManifest.FileNames)
        {
            await File.WriteAllTextAsync(Path.Combine(damaged.FullName, file), "not a snapshot", Token);
        }

        _folders.Damaged = damaged.FullName;
        await _authority.WriteAsync(
            record => record with { Generation = 2, CommittedSnapshot = Snapshot(4) with { Path = damaged.FullName }, PreviousSnapshot = Snapshot(2) }, Token);

        var usable = await _driver.FindUsableAsync(Generation());
        await _driver.CommitAsync(2, new SnapshotCommitted { Path = "/shared/step-4.g2", Step = 4 });

        Assert.Equal(Snapshot(2).Path, usable);
        Assert.Equal((2L, 4L), (_storage.Stored.PreviousSnapshot!.Step, _storage.Stored.CommittedSnapshot!.Step));
        damaged.Delete(recursive: true);
    }

    // A mount that is away may be back for the next generation.
    [Fact]
    public async Task FindUsable_NoneIsWithinReach_BeginsAgainAndForgetsNone()
    {
        await _authority.WriteAsync(record => record with { Generation = 2, CommittedSnapshot = Snapshot(4), PreviousSnapshot = Snapshot(2) }, Token);
        _folders.Blindness = "no such folder";

        Assert.Null(await _driver.FindUsableAsync(Generation()));
        Assert.Equal((2L, 4L), (_storage.Stored.PreviousSnapshot!.Step, _storage.Stored.CommittedSnapshot!.Step));
        Assert.Equal(2, _log.LastSequence); // a warning for each
    }

    private static SnapshotRecord Snapshot(long step) => new() { Path = $"/shared/step-{step}.g1", Step = step, Generation = 1 };

    private static RunGeneration Generation() => new(2, [new MemberRecord { Silo = "there", Incarnation = Guid.NewGuid() }], TimeProvider.System);
}
