using Lcnn.Distributed.Contracts.Sweeps;
using Spectre.Console;

namespace Lcnn.Distributed.Cli.Display;

/// <summary>A sweep in a view that redraws itself.</summary>
internal sealed class LiveSweepDisplay : ISweepDisplay
{
    private readonly TextWriter _error;
    private readonly SweepProgress _progress;
    private readonly LiveScreen _screen;
    private string? _page;

    public LiveSweepDisplay(IAnsiConsole console, TextWriter error, TimeProvider clock)
    {
        (_error, _progress) = (error, new SweepProgress(clock));
        _screen = new LiveScreen(console, clock, (notices, fits) => LiveSweepView.Create(_progress, notices, fits));
    }

    public bool WantsStatus => true;

    public void Show(SweepEvent sweepEvent) => _screen.Update(
        () =>
        {
            _progress.Apply(sweepEvent);
            return sweepEvent switch
            {
                SweepWarning warning => $"warning: {warning.Message}",
                TrialFailed failed => SweepText.Line(failed, _progress),
                _ => null,
            };
        },
        // The log is replayed from its beginning: only what ends the sweep cannot wait.
        isUrgent: sweepEvent is SweepStarted or { IsFinal: true });

    public void Show(SweepStatus status) => _screen.Update(
        () =>
        {
            _progress.Apply(status);
            return null;
        },
        isUrgent: true);

    public void Written(string path) => _page = path;

    public void Notice(string message) => _screen.Update(() => message, isUrgent: true);

    /// <summary>Leaves the last view, and the sweep's end below it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!await _screen.CloseAsync())
        {
            return;
        }

        switch (_progress.Final)
        {
            case SweepCompleted completed:
                _screen.WriteBelow(SweepText.Summary(completed, _progress, _page));
                break;
            case SweepFailed failed:
                _error.WriteLine(SweepText.Failed(failed));
                break;
        }
    }
}
