using Lcnn.Distributed.Contracts.Runs;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Grains.Sweeps;

/// <summary>Sees to it that a trial's run is started, tells the board what it reports, and stops it when that is wanted.</summary>
/// <remarks>
/// Everything it asks of the run may be asked again: by this follower after a lost answer, by that of another silo after a crash. Works in
/// the turns of the sweep's grain.
/// </remarks>
internal sealed partial class TrialFollower(
    int number, TrialOrigin origin, string runId, RunSpec spec, IRunCoordinatorGrain run, TimeProvider clock, ILogger logger, CancellationToken cancellationToken)
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private readonly TaskCompletionSource<string> _stop = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isStarted;
    private bool _isStopped;
    private bool _isWarned;

    /// <summary>Trial and run that it follows.</summary>
    public (int Number, int Segment) Followed => (number, origin.Segment);

    /// <summary>Has the run stopped; a second call does nothing.</summary>
    public void Stop(string reason) => _stop.TrySetResult(reason);

    /// <summary>Follows the run to its end.</summary>
    /// <param name="epochsKnown">Epochs that the board has.</param>
    /// <param name="report">Told of every answer; what it throws comes out.</param>
    /// <param name="warn">Told once when there has been no answer for long.</param>
    /// <returns>The answer with the end; null when the run was refused, with the reason.</returns>
    public async Task<(RunProgress? End, string? Refusal)> FollowAsync(int epochsKnown, Action<RunProgress> report, Action<string> warn)
    {
        var answeredAt = clock.GetTimestamp();
        for (var attempt = 0; ; attempt++)
        {
            RunProgress progress;
            try
            {
                await AskAsync();
                progress = await PollAsync(epochsKnown);
            }
            catch (Exception exception) when (exception is InvalidSpecException or RunExistsException)
            {
                return (null, exception.Message);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                LogRetry(exception, runId);
                if (!_isWarned && clock.GetElapsedTime(answeredAt) is var silence && silence >= _patience)
                {
                    _isWarned = true;
                    LogSilent(exception, runId, silence.TotalSeconds);
                    warn($"trial {number}: its run {runId} has not answered for {silence.TotalSeconds:0} s and is asked until it does{(exception is TimeoutException ? "" : $": {exception.Message}")}");
                }

                await Backoff.WaitAsync(attempt, clock, cancellationToken);
                continue;
            }

            (attempt, answeredAt, _isWarned) = (0, clock.GetTimestamp(), false);
            _isStarted &= progress.Phase != RunPhase.Unknown; // its record was lost: it begins again, to the same result
            report(progress);
            epochsKnown = progress.Epochs is [.., var newest] ? newest.Epoch : epochsKnown;
            if (progress.Final is not null)
            {
                return (progress, null);
            }
        }
    }

    private async Task AskAsync()
    {
        if (!_isStarted)
        {
            await run.StartTrialAsync(spec, origin, cancellationToken);
            (_isStarted, _isStopped) = (true, false);
        }

        if (!_isStopped && _stop.Task.IsCompleted)
        {
            await run.CancelAsync(await _stop.Task, cancellationToken);
            _isStopped = true;
        }
    }

    // A wish to stop does not wait for the answer to come.
    private async Task<RunProgress> PollAsync(int epochsKnown)
    {
        var answer = run.GetProgressAsync(epochsKnown, cancellationToken);
        if (!_isStopped && await Task.WhenAny(answer, _stop.Task) != answer)
        {
            await AskAsync();
        }

        return await answer;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Run {RunId} has not answered for {Seconds:0} s; it is asked until it does")]
    private partial void LogSilent(Exception exception, string runId, double seconds);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Run {RunId} could not be asked; it is tried again")]
    private partial void LogRetry(Exception exception, string runId);
}
