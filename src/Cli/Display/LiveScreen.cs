using Spectre.Console;
using Spectre.Console.Rendering;

namespace Lcnn.Distributed.Cli.Display;

/// <summary>Redraws a view in place, for a person at a terminal; safe for concurrent calls.</summary>
internal sealed class LiveScreen
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(100); // events may come faster than anyone reads

    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IAnsiConsole _console;
    private readonly TimeProvider _clock;
    private readonly Func<IReadOnlyList<string>, Func<IRenderable, bool>, IRenderable> _view;
    private readonly Task _drawing;
    private readonly List<string> _notices = [];
    private LiveDisplayContext? _context;
    private long _drawnAt;

    /// <summary>Begins with the view of nothing.</summary>
    /// <param name="clock">Says when it was last drawn.</param>
    /// <param name="view">What there is to see, with the notices so far; told what the terminal has room for.</param>
    public LiveScreen(IAnsiConsole console, TimeProvider clock, Func<IReadOnlyList<string>, Func<IRenderable, bool>, IRenderable> view)
    {
        (_console, _clock, _view) = (console, clock, view);
        _drawing = console.Live(view(_notices, Fits)).AutoClear(true).StartAsync(context =>
        {
            _context = context;
            context.Refresh();
            return _done.Task;
        });
    }

    /// <summary>Makes a change that the view shows.</summary>
    /// <param name="change">Returns what to note for good, if anything.</param>
    /// <param name="isUrgent">Whether it is to be seen at once.</param>
    public void Update(Func<string?> change, bool isUrgent)
    {
        lock (_lock)
        {
            if (change() is { } notice)
            {
                _notices.Add(notice);
            }

            if (!_done.Task.IsCompleted && (isUrgent || _clock.GetElapsedTime(_drawnAt) >= _pause))
            {
                _context?.UpdateTarget(_view(_notices, Fits));
                _drawnAt = _clock.GetTimestamp();
            }
        }
    }

    /// <summary>Ends it.</summary>
    /// <param name="leavesView">Whether the last view stays.</param>
    /// <returns>False if that was done before.</returns>
    public async Task<bool> CloseAsync(bool leavesView = true)
    {
        if (!_done.TrySetResult())
        {
            return false;
        }

        await _drawing;
        if (leavesView)
        {
            _console.Write(_view(_notices, _ => true));
        }

        return true;
    }

    /// <summary>Writes names and values below it.</summary>
    public void WriteBelow(IEnumerable<(string Name, string Value)> pairs)
    {
        var grid = new Grid().AddColumn().AddColumn();
        foreach (var (name, value) in pairs)
        {
            grid.AddRow(new Text(name, Style.Parse("bold")), new Text(value));
        }

        _console.Write(grid);
    }

    // The last row is the cursor's.
    private bool Fits(IRenderable view) =>
        Segment.SplitLines(view.Render(RenderOptions.Create(_console), _console.Profile.Width)).Count < _console.Profile.Height;
}
