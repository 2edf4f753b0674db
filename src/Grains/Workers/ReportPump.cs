using System.Threading.Channels;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Workers;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Grains.Workers;

/// <summary>Carries a worker's reports to the coordinator in order, so that the training thread never waits for a grain.</summary>
/// <remarks>
/// A report that fails is repeated until it arrives, since a coordinator may be away for as long as its silo or its store is. Once the
/// worker leaves, what is left is tried once more, and the first failure or <see cref="FarewellTime"/> ends it. Steps that pile up
/// go together. At most <see cref="WaitingSteps"/> of them wait; more are left out, of which a warning tells.
/// </remarks>
internal sealed partial class ReportPump
{
    /// <summary>Most steps that wait: what comes beyond is missing from the run's log.</summary>
    public const int WaitingSteps = 100_000;

    /// <summary>Most steps of one call.</summary>
    public const int StepsPerCall = 256;

    private const int ToldAttempt = 9;

    private readonly Channel<object> _queue = Channel.CreateUnbounded<object>(new UnboundedChannelOptions { SingleReader = true });
    private readonly IWorkerReports _coordinator;
    private readonly int _generation;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly CancellationToken _leaving;
    private readonly Action? _superseded;
    private int _waitingSteps;
    private int _leftOut;

    /// <summary>Begins to carry.</summary>
    /// <param name="coordinator">Who is told.</param>
    /// <param name="logger">Hears of failures.</param>
    /// <param name="superseded">Called once if the generation is over; nothing more is carried then.</param>
    /// <param name="leaving">Fires when the worker leaves.</param>
    public ReportPump(
        IWorkerReports coordinator, int generation, TimeProvider clock, ILogger logger, Action? superseded = null, CancellationToken leaving = default)
    {
        _coordinator = coordinator;
        _generation = generation;
        _clock = clock;
        _logger = logger;
        _superseded = superseded;
        _leaving = leaving;
        Completion = Task.Run(RunAsync, CancellationToken.None);
    }

    /// <summary>How long a leaving worker still tries to deliver what waits.</summary>
    public static TimeSpan FarewellTime { get; } = TimeSpan.FromSeconds(10);

    /// <summary>Done when the queue was closed and is empty, or was given up; never fails.</summary>
    public Task Completion { get; }

    /// <summary>Queues a step.</summary>
    /// <returns>False when it is left out: too many wait, or the pump has ended.</returns>
    public bool Post(StepCompleted step)
    {
        if (Interlocked.Increment(ref _waitingSteps) <= WaitingSteps)
        {
            return _queue.Writer.TryWrite(step);
        }

        Interlocked.Decrement(ref _waitingSteps);
        Interlocked.Increment(ref _leftOut);
        return false;
    }

    /// <summary>Queues any other report; it is called again until it succeeds.</summary>
    public void Post(Func<IWorkerReports, int, Task> report) => _queue.Writer.TryWrite(report);

    /// <summary>Queues a report that a later one makes up for: it is not repeated.</summary>
    public void PostOnce(Func<IWorkerReports, int, Task> report) => Post(async (coordinator, generation) =>
    {
        try
        {
            await report(coordinator, generation);
        }
        catch (Exception exception) when (exception is not StaleGenerationException)
        {
            LogDropped(exception);
        }
    });

    /// <summary>Lets the queue run empty and end.</summary>
    public void Close() => _queue.Writer.TryComplete();

    private async Task RunAsync()
    {
        using var farewell = new CancellationTokenSource(Timeout.InfiniteTimeSpan, _clock);
        using var registration = _leaving.Register(() => farewell.CancelAfter(FarewellTime));
        try
        {
            await CarryAsync(farewell.Token);
        }
        catch (StaleGenerationException exception)
        {
            LogSuperseded(exception);
            _queue.Writer.TryComplete();
            _superseded?.Invoke();
        }
        catch (Exception exception)
        {
            LogGivenUp(exception);
            _queue.Writer.TryComplete();
        }
    }

    private async Task CarryAsync(CancellationToken farewell)
    {
        var steps = new List<StepCompleted>();
        while (await _queue.Reader.WaitToReadAsync(farewell))
        {
            while (_queue.Reader.TryRead(out var report))
            {
                if (report is StepCompleted step)
                {
                    steps.Add(step);
                    if (steps.Count < StepsPerCall && _queue.Reader.TryPeek(out var next) && next is StepCompleted)
                    {
                        continue;
                    }

                    await DeliverAsync(steps, farewell);
                }
                else
                {
                    await RepeatAsync((Func<IWorkerReports, int, Task>)report, farewell);
                }
            }
        }
    }

    private async Task DeliverAsync(List<StepCompleted> steps, CancellationToken farewell)
    {
        var batch = steps.ToArray();
        steps.Clear();
        await RepeatAsync((coordinator, generation) => coordinator.ReportStepsAsync(generation, batch, CancellationToken.None), farewell);
        Interlocked.Add(ref _waitingSteps, -batch.Length);
        if (Interlocked.Exchange(ref _leftOut, 0) is > 0 and var leftOut)
        {
            var message = $"the coordinator was away for so long that {leftOut} steps around step {batch[^1].Step} are missing from the log; training went on";
            await RepeatAsync((coordinator, generation) => coordinator.ReportWarningAsync(generation, message, CancellationToken.None), farewell);
        }
    }

    private async Task RepeatAsync(Func<IWorkerReports, int, Task> call, CancellationToken farewell)
    {
        for (var attempt = 0; ; attempt++)
        {
            var isLast = _leaving.IsCancellationRequested;
            try
            {
                await call(_coordinator, _generation).WaitAsync(farewell);
                return;
            }
            catch (Exception exception) when (exception is not StaleGenerationException && !isLast && !farewell.IsCancellationRequested)
            {
                LogDelayed(attempt == ToldAttempt ? LogLevel.Warning : LogLevel.Debug, exception, attempt + 1);
                await Backoff.WaitAsync(attempt, _clock, _leaving);
            }
        }
    }

    [LoggerMessage(Message = "A report did not reach the coordinator at attempt {Attempt}; it is repeated")]
    private partial void LogDelayed(LogLevel level, Exception exception, int attempt);

    [LoggerMessage(Level = LogLevel.Debug, Message = "A report of progress did not reach the coordinator")]
    private partial void LogDropped(Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The worker left before its last reports reached the coordinator")]
    private partial void LogGivenUp(Exception exception);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The worker's generation is over")]
    private partial void LogSuperseded(Exception exception);
}
