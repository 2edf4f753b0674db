using Lcnn.Distributed.Contracts.Sweeps;
using Spectre.Console;

namespace Lcnn.Distributed.Cli.Display;

/// <summary>A view of a sweep that redraws itself in place, for a person at a terminal.</summary>
internal sealed class LiveSweepDisplay : ISweepDisplay
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(100); // hundreds of trials report faster than anyone reads

    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IAnsiConsole _console;
    private readonly TextWriter _error;
    private readonly TimeProvider _clock;
    private readonly SweepProgress _progress;
    private readonly Task _drawing;
    private readonly List<string> _notices = [];
    private LiveDisplayContext? _context;
    private long _drawnAt;

    public LiveSweepDisplay(IAnsiConsole console, TextWriter error, TimeProvider clock)
    {
        (_console, _error, _clock, _progress) = (console, error, clock, new SweepProgress(clock));
        _drawing = console.Live(LiveSweepView.Create(_progress, _notices)).AutoClear(true).StartAsync(context =>
        {
            _context = context;
            context.Refresh();
            return _done.Task;
        });
    }

    public bool WantsStatus => true;

    public void Show(SweepEvent sweepEvent)
    {
        lock (_lock)
        {
            _progress.Apply(sweepEvent);
            switch (sweepEvent)
            {
                case SweepWarning warning:
                    _notices.Add($"warning: {warning.Message}");
                    break;
                case TrialFailed failed:
                    _notices.Add(SweepText.Line(failed, _progress)!);
                    break;
            }

            // the log is replayed from its beginning: only what ends the sweep cannot wait
            Draw(isUrgent: sweepEvent is SweepStarted or { IsFinal: true });
        }
    }

    public void Show(SweepStatus status)
    {
        lock (_lock)
        {
            _progress.Apply(status);
            Draw(isUrgent: true);
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

    /// <summary>Leaves the last view, and the sweep's end below it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_done.TrySetResult())
        {
            await _drawing;
            _console.Write(LiveSweepView.Create(_progress, _notices));
            WriteEnd();
        }
    }

    private void Draw(bool isUrgent)
    {
        if (!_done.Task.IsCompleted && (isUrgent || _clock.GetElapsedTime(_drawnAt) >= _pause))
        {
            _context?.UpdateTarget(LiveSweepView.Create(_progress, _notices));
            _drawnAt = _clock.GetTimestamp();
        }
    }

    private void WriteEnd()
    {
        switch (_progress.Final)
        {
            case SweepCompleted completed:
                var grid = new Grid().AddColumn().AddColumn();
                foreach (var (name, value) in SweepText.Summary(completed, _progress))
                {
                    grid.AddRow(new Text(name, Style.Parse("bold")), new Text(value));
                }

                _console.Write(grid);
                break;
            case SweepFailed failed:
                _error.WriteLine(SweepText.Failed(failed));
                break;
        }
    }
}
