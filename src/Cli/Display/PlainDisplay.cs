using Lcnn.Distributed.Contracts.Runs;
using Spectre.Console;

namespace Lcnn.Distributed.Cli.Display;

/// <summary>Lines for logs and pipes: one an epoch, and a step's every few seconds.</summary>
internal sealed class PlainDisplay(TextWriter output, TextWriter error, TimeProvider clock) : IRunDisplay
{
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(5);

    private const int Width = 200; // nobody's window

    private readonly RunProgress _progress = new(clock);
    private int _nameWidth;
    private long _lastLineAt = clock.GetTimestamp();

    public void Show(RunEvent runEvent)
    {
        _progress.Apply(runEvent);
        switch (runEvent)
        {
            case RunStarted started:
                Write(RunText.Started(started));
                break;
            case StepCompleted step when IsQuiet:
                Write(RunText.Step(step, _progress));
                break;
            case EpochCompleted epoch:
                Write(RunText.Epoch(epoch, _progress));
                break;
            case SnapshotCommitted snapshot:
                Write(RunText.Snapshot(snapshot));
                break;
            case EvaluationProgressed evaluation when IsQuiet:
                Write(RunText.Evaluation(evaluation));
                break;
            case CurvatureProgressed curvature when IsQuiet:
                Write(RunText.Curvature(curvature));
                break;
            case RobustnessProgressed robustness when IsQuiet:
                Write(RunText.Robustness(robustness, _progress));
                break;
            case DataSetDownloading loading when IsQuiet:
                Write(RunText.Loading(loading));
                break;
            case RunWaiting waiting:
                Write(RunText.Waiting(waiting));
                break;
            case GenerationChanged changed:
                Write(RunText.Generation(changed));
                break;
            case SnapshotsSetAside aside:
                Write(RunText.SetAside(aside));
                break;
            case RunWarning warning:
                error.WriteLine($"warning: {warning.Message}");
                break;
            case RunCompleted completed:
                WriteSummary(completed);
                break;
            case RunCancelled cancelled:
                error.WriteLine(RunText.Cancelled(cancelled));
                break;
            case RunFailed failed:
                error.WriteLine(RunText.Failed(failed));
                break;
        }
    }

    public void Written(string path) => Write($"{RunText.Charts.PadRight(_nameWidth)}  {path}");

    public void Notice(string message) => error.WriteLine(message);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private bool IsQuiet => clock.GetElapsedTime(_lastLineAt) >= _pause;

    private void Write(string line)
    {
        output.WriteLine(line);
        output.Flush();
        _lastLineAt = clock.GetTimestamp();
    }

    private void WriteSummary(RunCompleted completed)
    {
        var pairs = RunText.Summary(completed);
        _nameWidth = pairs.Max(pair => pair.Name.Length);
        foreach (var (name, value) in pairs)
        {
            Write($"{name.PadRight(_nameWidth)}  {value}");
        }

        if (completed.Robustness is { } robustness)
        {
            var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(output) });
            console.Profile.Width = Width;
            console.Write(new Rows(RobustnessTables.Tables(robustness)));
            RobustnessTables.Warnings(robustness).Concat(RobustnessTables.Errors(robustness)).ToList().ForEach(error.WriteLine);
        }
    }
}
