using System.Threading.Channels;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Workers;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Grains.Workers;

/// <summary>Carries a worker's reports to the coordinator in order, so that the training thread never waits for a grain.</summary>
/// <remarks>Steps that pile up while a call is under way go together in the next one.</remarks>
internal sealed partial class ReportPump
{
    private const int Attempts = 5;
    private static readonly TimeSpan _firstDelay = TimeSpan.FromMilliseconds(50);

    private readonly Channel<object> _queue = Channel.CreateUnbounded<object>(new UnboundedChannelOptions { SingleReader = true });
    private readonly IWorkerReports _coordinator;
    private readonly int _generation;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;

    /// <summary>Begins to carry.</summary>
    public ReportPump(IWorkerReports coordinator, int generation, TimeProvider clock, ILogger logger)
    {
        _coordinator = coordinator;
        _generation = generation;
        _clock = clock;
        _logger = logger;
        Completion = Task.Run(CarryAsync);
    }

    /// <summary>Done when the queue was closed and is empty.</summary>
    public Task Completion { get; }

    /// <summary>Queues a step.</summary>
    public void Post(StepCompleted step) => _queue.Writer.TryWrite(step);

    /// <summary>Queues any other report.</summary>
    public void Post(Func<IWorkerReports, int, Task> report) => _queue.Writer.TryWrite(report);

    /// <summary>Lets the queue run empty and end.</summary>
    public void Close() => _queue.Writer.TryComplete();

    private async Task CarryAsync()
    {
        var steps = new List<StepCompleted>();
        while (await _queue.Reader.WaitToReadAsync())
        {
            while (_queue.Reader.TryRead(out var report))
            {
                if (report is StepCompleted step)
                {
                    steps.Add(step);
                    continue;
                }

                await FlushAsync(steps);
                await TryAsync(() => ((Func<IWorkerReports, int, Task>)report)(_coordinator, _generation));
            }

            await FlushAsync(steps);
        }
    }

    private async Task FlushAsync(List<StepCompleted> steps)
    {
        if (steps.Count > 0)
        {
            var batch = steps.ToArray();
            steps.Clear();
            await TryAsync(() => _coordinator.ReportStepsAsync(_generation, batch, CancellationToken.None));
        }
    }

    private async Task TryAsync(Func<Task> call)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await call();
                return;
            }
            catch (Exception exception) when (attempt < Attempts)
            {
                LogReportDelayed(exception, attempt);
                await Task.Delay(_firstDelay * (1 << attempt), _clock);
            }
            catch (Exception exception)
            {
                LogReportLost(exception, Attempts);
                return;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "A report did not reach the coordinator at attempt {Attempt}")]
    private partial void LogReportDelayed(Exception exception, int attempt);

    [LoggerMessage(Level = LogLevel.Error, Message = "A report did not reach the coordinator in {Attempts} attempts")]
    private partial void LogReportLost(Exception exception, int attempts);
}
