using System.Text.Json;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.Data.Claims;
using Lcnn.Distributed.Grains.Claims;
using Lcnn.Distributed.Grains.Storage;
using Lcnn.Distributed.Grains.Sweeps;
using Lcnn.Distributed.UnitTests.Data;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lcnn.Distributed.UnitTests.Sweeps.Simulation;

/// <summary>A sweep that is really scheduled and stored, in memory, with runs that only report; whoever schedules it can be killed at any write and another goes on.</summary>
internal sealed class SimulatedSweep : IDisposable
{
    public const string Id = "s";

    private readonly TemporaryFolder _folder = new();
    private readonly SweepSpec _spec;
    private readonly ConcurrentExclusiveSchedulerPair _turns = new();

    public SimulatedSweep(SweepSpec spec)
    {
        _spec = spec with { OutputDirectory = _folder.Path };
        Stores = new SimulatedStores(new SweepRecord
        {
            SpecJson = JsonSerializer.Serialize(_spec, RunEventJson.Options),
            Phase = SweepPhase.Running,
            NewEventsJson = [SweepEventJson.Serialize(new SweepStarted { Spec = _spec })],
        });
        Runs = new StandInRuns(CheckIsStored);
    }

    public SimulatedStores Stores { get; }

    public StandInRuns Runs { get; }

    /// <summary>Runs that were begun before the write that says so.</summary>
    public List<string> TooEarly { get; } = [];

    /// <summary>The board of the newest activation.</summary>
    public SweepBoard? Board { get; private set; }

    /// <summary>Schedules it to its end, or until it is killed.</summary>
    /// <returns>Whether it has come to its end.</returns>
    public async Task<bool> DriveAsync(Kill? kill = null)
    {
        using var killed = new CancellationTokenSource();
        var access = Stores.Open(kill, killed);
        try
        {
            await await Task.Factory.StartNew(() => DriveAsync(access, killed.Token), killed.Token, TaskCreationOptions.None, _turns.ExclusiveScheduler);
            return true;
        }
        catch (OperationCanceledException) when (killed.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>The trials as whoever comes next finds them.</summary>
    public async Task<IReadOnlyList<TrialRecord>> ReadTrialsAsync() =>
        (await SweepJournal.OpenAsync(Id, Stores.Record, Stores.Journal, TimeProvider.System, NullLogger.Instance, CancellationToken.None)).Trials;

    /// <summary>All events of the log.</summary>
    public Task<IReadOnlyList<SweepEvent>> ReadLogAsync() => Stores.Log.ReadAfterAsync(Id, 0, int.MaxValue, CancellationToken.None);

    public void Dispose() => _folder.Dispose();

    private async Task DriveAsync(SimulatedStores.Access access, CancellationToken cancellationToken)
    {
        var (clock, logger) = (TimeProvider.System, NullLogger.Instance);
        await access.ReadStateAsync();
        var authority = new RecordAuthority<SweepRecord>(Id, access, clock, logger);
        var (journal, trials) = await SweepJournal.OpenAsync(Id, authority.Record, access.Journal, clock, logger, cancellationToken);
        using var log = await SweepEventLog.OpenAsync(Id, access.Log, clock, logger, cancellationToken);
        Board = new SweepBoard(Id, _spec, authority.Record, trials, clock);
        var claim = new HeldFolder(_spec.OutputDirectory, Claimant.OfSweep(Id), ClaimPlace.ThisProcess, clock, logger, cancellationToken);
        await new SweepDriver(Board, authority, journal, log, claim, Runs.Find, clock, logger, cancellationToken).DriveAsync();
    }

    private void CheckIsStored(string runId)
    {
        if (!Stores.NamedRuns.Contains(runId))
        {
            TooEarly.Add(runId);
        }
    }
}

/// <summary>At which write, counted from 1, whoever schedules the sweep is killed.</summary>
/// <param name="Write">The write: of the record, the journal or the log.</param>
/// <param name="IsStored">Whether the write is done all the same.</param>
internal sealed record Kill(int Write, bool IsStored);
