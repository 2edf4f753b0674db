using Lcnn.Distributed.Contracts.Runs;
using Spectre.Console;

namespace Lcnn.Distributed.Cli.Display;

/// <summary>A view that redraws itself in place, for a person at a terminal.</summary>
internal sealed class LiveDisplay : IRunDisplay
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(100); // steps may come faster than anyone reads

    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IAnsiConsole _console;
    private readonly TextWriter _error;
    private readonly TimeProvider _clock;
    private readonly RunProgress _progress;
    private readonly Task _drawing;
    private readonly List<string> _notices = [];
    private LiveDisplayContext? _context;
    private long _drawnAt;

    public LiveDisplay(IAnsiConsole console, TextWriter error, TimeProvider clock)
    {
        (_console, _error, _clock, _progress) = (console, error, clock, new RunProgress(clock));
        _drawing = console.Live(LiveView.Create(_progress, _notices)).AutoClear(true).StartAsync(context =>
        {
            _context = context;
            context.Refresh();
            return _done.Task;
        });
    }

    public void Show(RunEvent runEvent)
    {
        lock (_lock)
        {
            _progress.Apply(runEvent);
            switch (runEvent)
            {
                case RunWarning warning:
                    _notices.Add($"warning: {warning.Message}");
                    break;
                case GenerationChanged changed:
                    _notices.Add(RunText.Generation(changed));
                    break;
            }

            Draw(isUrgent: runEvent is not (StepCompleted or CurvatureProgressed));
        }
    }

    public void Notice(string message)
    {
        lock (_lock)
        {
            _notices.Add(message);
            Draw(isUrgent: true);
        }
    }

    /// <summary>Leaves the last view, and the run's end below it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_done.TrySetResult())
        {
            await _drawing;
            _console.Write(LiveView.Create(_progress, _notices));
            WriteEnd();
        }
    }

    private void Draw(bool isUrgent)
    {
        if (!_done.Task.IsCompleted && (isUrgent || _clock.GetElapsedTime(_drawnAt) >= _pause))
        {
            _context?.UpdateTarget(LiveView.Create(_progress, _notices));
            _drawnAt = _clock.GetTimestamp();
        }
    }

    private void WriteEnd()
    {
        switch (_progress.Final)
        {
            case RunCompleted completed:
                var grid = new Grid().AddColumn().AddColumn();
                foreach (var (name, value) in RunText.Summary(completed))
                {
                    grid.AddRow(new Text(name, Style.Parse("bold")), new Text(value));
                }

                _console.Write(grid);
                break;
            case RunCancelled cancelled:
                _console.WriteLine(RunText.Cancelled(cancelled));
                break;
            case RunFailed failed:
                _error.WriteLine(RunText.Failed(failed));
                break;
        }
    }
}
