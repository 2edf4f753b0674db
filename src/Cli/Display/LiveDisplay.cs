using Lcnn.Distributed.Contracts.Runs;
using Spectre.Console;

namespace Lcnn.Distributed.Cli.Display;

/// <summary>A run in a view that redraws itself.</summary>
internal sealed class LiveDisplay : IRunDisplay
{
    private readonly IAnsiConsole _console;
    private readonly TextWriter _error;
    private readonly RunProgress _progress;
    private readonly LiveScreen _screen;
    private string? _page;

    public LiveDisplay(IAnsiConsole console, TextWriter error, TimeProvider clock)
    {
        (_console, _error, _progress) = (console, error, new RunProgress(clock));
        _screen = new LiveScreen(console, clock, (notices, _) => LiveView.Create(_progress, notices));
    }

    public void Show(RunEvent runEvent) => _screen.Update(
        () =>
        {
            _progress.Apply(runEvent);
            return runEvent switch
            {
                RunWarning warning => $"warning: {warning.Message}",
                GenerationChanged changed => RunText.Generation(changed),
                SnapshotsSetAside aside => RunText.SetAside(aside),
                _ => null,
            };
        },
        isUrgent: runEvent is not (StepCompleted or EvaluationProgressed or CurvatureProgressed or RobustnessProgressed));

    public void Written(string path) => _page = path;

    public void Notice(string message) => _screen.Update(() => message, isUrgent: true);

    /// <summary>Leaves the last view, and the run's end below it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!await _screen.CloseAsync())
        {
            return;
        }

        switch (_progress.Final)
        {
            case RunCompleted completed:
                _screen.WriteBelow([.. RunText.Summary(completed), .. _page is { } page ? new[] { (RunText.Charts, page) } : []]);
                WriteRobustness(completed.Robustness);
                break;
            case RunCancelled cancelled:
                _console.WriteLine(RunText.Cancelled(cancelled));
                break;
            case RunFailed failed:
                _error.WriteLine(RunText.Failed(failed));
                break;
        }
    }

    private void WriteRobustness(RobustnessFigures? robustness)
    {
        if (robustness is not null)
        {
            _console.Write(new Rows(RobustnessTables.Tables(robustness)));
            RobustnessTables.Warnings(robustness).Concat(RobustnessTables.Errors(robustness)).ToList().ForEach(_error.WriteLine);
        }
    }
}
