using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Data.Files;
using Lcnn.Distributed.Data.Series;
using Lcnn.Distributed.Grains.Claims;
using Lcnn.Distributed.Grains.Histories;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Grains.Runs;

/// <summary>Keeps the history of a run beside its snapshots: it outlives the log, which forgets its oldest events, and every silo.</summary>
/// <remarks>It follows the log as any watcher does; training never waits for it. What a coordinator that is lost had not written yet, the next one finds in the log.</remarks>
internal sealed partial class RunSeries(
    string runId, RunEventLog log, HeldFolder claim, string folder, TimeProvider clock, ILogger logger, CancellationToken cancellationToken)
{
    private const int MostWaiting = 65_536; // steps, of a disk that refuses
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(10);

    private readonly SeriesFile _file = new(PathIn(folder));
    private readonly CancellationTokenSource _leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    private SeriesBlockBuilder _waiting = new(runId, 0);
    private TaskCompletionSource _advanced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task? _following;
    private long _position;
    private bool _hasBegun; // or the folder's history is that of the run before
    private long _written = clock.GetTimestamp();
    private string? _problem;

    /// <summary>Where the history of a run's folder is.</summary>
    public static string PathIn(string folder) => Path.Combine(folder, SnapshotFiles.Series);

    /// <summary>Begins to follow the log, unless the folder is not the run's.</summary>
    public void Follow() => _following = claim.IsHeld ? FollowAsync() : null;

    /// <summary>Writes all that the log has, and the end of the run, of which the log does not know yet; then it leaves the folder alone. Of a run that was refused it writes nothing.</summary>
    /// <returns>Why the history is not whole; null if it is.</returns>
    public async Task<string?> CompleteAsync(RunEvent final)
    {
        if (_following is null)
        {
            return null;
        }

        await log.FlushAsync(cancellationToken);
        while (!_following.IsCompleted && _position < log.LastSequence)
        {
            await Task.WhenAny(_advanced.Task, _following);
        }

        await _leaving.CancelAsync();
        await _following;
        if (!_hasBegun)
        {
            return _problem;
        }

        _waiting.Add(final with { RunId = runId, Time = clock.GetUtcNow(), Sequence = log.LastSequence + 1 });
        await WriteAsync();
        return _problem;
    }

    private async Task FollowAsync()
    {
        try
        {
            if (await Task.Run(_file.ReadEnd, _leaving.Token) is { } end && end.RunId == runId)
            {
                (_position, _waiting, _hasBegun) = (end.LastSequence, new SeriesBlockBuilder(runId, end.Step), true);
            }

            await foreach (var logged in log.WatchAsync(_position, _leaving.Token))
            {
                await TakeAsync(logged);
                _position = logged.Sequence;
                Pulse();
                if (_problem is not null && _waiting.Steps > MostWaiting)
                {
                    return;
                }
            }
        }
        catch (Exception exception) when (_leaving.IsCancellationRequested || exception is EnumerationAbortedException)
        {
            // The next coordinator goes on with it.
        }
        catch (Exception exception) when (IsOfDisk(exception))
        {
            Note(exception);
        }
    }

    private async Task TakeAsync(RunEvent logged)
    {
        if (logged is RunStarted { ResumedAtStep: var step })
        {
            await Task.Run(() => _file.CutAfter(step), _leaving.Token);
            _hasBegun = true;
        }

        _waiting.Add(logged);
        if (_waiting.IsFull || (_waiting.Steps > 0 && (logged is EpochCompleted || clock.GetElapsedTime(_written) >= _pause)))
        {
            await WriteAsync();
        }
    }

    private async Task WriteAsync()
    {
        _written = clock.GetTimestamp();
        if (_waiting.IsEmpty || !claim.IsHeld)
        {
            return;
        }

        try
        {
            var block = _waiting.Build();
            await Task.Run(() => _file.Append(block), CancellationToken.None);
            (_waiting, _problem) = (new SeriesBlockBuilder(runId, _waiting.Step), null);
        }
        catch (Exception exception) when (IsOfDisk(exception))
        {
            Note(exception);
        }
    }

    private void Note(Exception exception)
    {
        if (_problem is null)
        {
            LogNotWritten(exception, runId, folder);
        }

        _problem = exception.Message;
    }

    private void Pulse()
    {
        var advanced = _advanced;
        _advanced = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        advanced.SetResult();
    }

    private static bool IsOfDisk(Exception exception) => exception is IOException or UnauthorizedAccessException or DataFileException;

    [LoggerMessage(Level = LogLevel.Warning, Message = "Run {RunId}: its history could not be written to {Folder}; training goes on")]
    private partial void LogNotWritten(Exception exception, string runId, string folder);
}
