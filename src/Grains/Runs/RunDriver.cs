using System.Diagnostics;
using Lcnn.Distributed.Contracts.Cluster;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Workers;
using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Grains.Claims;
using Lcnn.Distributed.Grains.EventLogs;
using Lcnn.Distributed.Grains.Storage;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Grains.Runs;

/// <summary>Takes one run from its record to its final event, generation after generation.</summary>
/// <remarks>
/// A generation is placed, recorded, joined, begun and watched over; when it ends, that is recorded, its workers leave, and either the run
/// ends with it or the next one goes on from the newest committed snapshot. One loop does all that; calls from outside only store a wish
/// (to stop, to regroup) and end the generation at hand, and the loop finds the wish. It runs in the coordinator's turns, interleaved with reports.
/// </remarks>
internal sealed partial class RunDriver(
    string runId, RunSpec spec, RecordAuthority<RunRecord> authority, RunEventLog log, RunWorkers workers, RunPlacement placement, SharedStorage folder, HeldFolder claim,
    RunSeries series, RunOptions options, TimeProvider clock, ILogger logger, CancellationToken cancellationToken)
{
    private const int SilentPulses = 3;

    private readonly RunHistory _history = new(log);
    private readonly AvoidedSilos _avoided = new();
    private readonly TaskCompletionSource _stopAsked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string _reason = "";
    private RunSpec? _resumedSpec;
    private string? _regroup;
    private bool _hasBegun;
    private bool _isStopSent;
    private Task? _cancelling;
    private Activity? _recovery;
    private int _steppingGeneration;
    private bool _isAnnounced = log.Tail.HasStarted;

    /// <summary>The generation at hand; null between two.</summary>
    public RunGeneration? Generation { get; private set; }

    /// <summary>What the run has got done.</summary>
    public RunHistory History => _history;

    /// <summary>Where the run stands.</summary>
    public RunPhase Phase { get; private set; } = authority.Record.Phase;

    /// <summary>What it waits for before a generation can begin, in a sentence for people; null when it does not wait.</summary>
    public string? WaitsFor { get; private set; }

    private RunRecord Record => authority.Record;

    /// <summary>What is trained.</summary>
    public RunSpec Spec => spec;

    /// <summary>Runs to the end.</summary>
    public async Task DriveAsync()
    {
        if (Record.Ended && log.IsComplete)
        {
            return;
        }

        LogTakenUp(runId, Record.Generation);
        if (Record.FinalEventJson is { } decided)
        {
            await FinishAsync(RunEventJson.Deserialize(decided));
            return;
        }

        try
        {
            await ClaimFolderAsync();
            if (!Spec.EvalOnly)
            {
                series.Follow(); // what trains nothing has no history
            }

            await FindResumedAsync();
            var adopted = await AdoptAsync();
            while (Record.FinalEventJson is null)
            {
                await GoOnAsync(adopted);
                adopted = null;
            }
        }
        catch (Exception exception) when (exception is WorkerInputException or CheckpointException or GangTooLargeException or FolderInUseException)
        {
            await EndAsync(new RunFailed { Error = exception.Message, BadInput = true });
        }
        catch (Exception exception) when (exception is not (RecordSupersededException or EventLogSupersededException or StoreRefusedException) && !cancellationToken.IsCancellationRequested)
        {
            LogDriveFailed(exception);
            await EndAsync(new RunFailed { Error = exception.Message });
        }
    }

    /// <summary>Asks for the end with a snapshot; the wish is stored when this returns.</summary>
    public Task CancelAsync(string reason) =>
        Record.FinalEventJson is not null || Record.StopReason.Length > 0 ? Task.CompletedTask : _cancelling ??= StoreStopAsync(reason);

    private async Task StoreStopAsync(string reason)
    {
        await authority.WriteAsync(record => record with { StopReason = reason.Length > 0 ? reason : "cancelled", Phase = RunPhase.Stopping }, cancellationToken);
        Phase = RunPhase.Stopping;
        _stopAsked.TrySetResult();
        await StopGenerationAsync();
    }

    /// <summary>Asks for another membership from the next step on.</summary>
    public async Task RegroupAsync(string reason)
    {
        var generation = Generation;
        if (_regroup is null && Record.StopReason.Length == 0)
        {
            await authority.WriteAsync(static record => record, cancellationToken); // no worker listens to a coordinator that was superseded
            if (generation is not null && Generation == generation)
            {
                _regroup ??= reason;
                await StopGenerationAsync();
            }
        }
    }

    /// <summary>Regroups if the run has fewer workers than it wants and would be granted more.</summary>
    public async Task ConsiderGrowingAsync()
    {
        var count = Record.Members.Count;
        if (Generation is not null && count < Spec.Workers && await placement.CountGrantedAsync(NextRequest(), cancellationToken) - count is var gained and > 0)
        {
            await RegroupAsync($"{gained} more slots are free");
        }
    }

    // One generation, from its slots to its end.
    private async Task GoOnAsync(RunGeneration? adopted)
    {
        if (adopted is null && await AwaitSlotsAsync() is { } slots)
        {
            adopted = await RecordGenerationAsync(slots);
        }

        if (adopted is null)
        {
            await EndAsync(Cancelled());
            return;
        }

        (Generation, _isStopSent) = (adopted, false);
        var watching = placement.WatchAsync(adopted, cancellationToken);
        if (!_hasBegun)
        {
            await LaunchOrDismissAsync(adopted);
        }

        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            await Task.WhenAny(watching, LookAfterAsync(adopted));
        }
        while (await Task.WhenAny(watching, Task.Delay(options.PulseInterval, clock, cancellationToken)) != watching);

        var end = await watching;
        (Generation, _hasBegun) = (null, false);
        await ConcludeAsync(adopted, end);
    }

    private async Task LaunchOrDismissAsync(RunGeneration generation)
    {
        try
        {
            await LaunchAsync(generation);
        }
        catch (Exception exception) when (exception is not (RecordSupersededException or EventLogSupersededException) && !cancellationToken.IsCancellationRequested)
        {
            Generation = null;
            generation.Interrupt(); // ends the watch, too
            await DismissAsync(generation, static record => record);
            throw;
        }
    }

    // What may have got lost: a wish that did not reach the leading rank, and the end of a process that others took the place of.
    private async Task LookAfterAsync(RunGeneration generation)
    {
        if (claim.TakenBy is { } other)
        {
            generation.Break(LostFolder(other).Error);
        }

        if (Record.StopReason.Length > 0 || _regroup is not null)
        {
            await StopGenerationAsync();
        }

        var silent = generation.SilentFor(SilentPulses * options.PulseInterval);
        foreach (var pulse in (await workers.PingAsync(generation.Number, silent, cancellationToken)).OfType<WorkerPulse>())
        {
            generation.Take(pulse);
        }
    }

    private async Task StopGenerationAsync()
    {
        if (Generation is not { } generation || _isStopSent)
        {
            return;
        }

        var answer = _hasBegun ? await workers.StopAsync(generation, cancellationToken) : false;
        if (answer == false)
        {
            generation.Interrupt(); // nothing is lost by leaving at once
        }

        _isStopSent |= answer is not null && Generation == generation; // else the watch repeats it
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Run {RunId}: this silo coordinates it from generation {Generation} on")]
    private partial void LogTakenUp(string runId, int generation);

    [LoggerMessage(Level = LogLevel.Error, Message = "A run could not be driven on")]
    private partial void LogDriveFailed(Exception exception);
}
