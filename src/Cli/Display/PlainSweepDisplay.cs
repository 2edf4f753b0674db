using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.Cli.Display;

/// <summary>Lines for logs and pipes: one an event.</summary>
internal sealed class PlainSweepDisplay(TextWriter output, TextWriter error, TimeProvider clock) : ISweepDisplay
{
    private readonly Lock _lock = new();
    private readonly SweepProgress _progress = new(clock);
    private string? _page;

    public bool WantsStatus => false;

    public void Show(SweepEvent sweepEvent)
    {
        lock (_lock)
        {
            _progress.Apply(sweepEvent);
            switch (sweepEvent)
            {
                case SweepWarning warning:
                    error.WriteLine($"warning: {warning.Message}");
                    break;
                case SweepFailed failed:
                    error.WriteLine(SweepText.Failed(failed));
                    break;
                case SweepCompleted completed:
                    WriteSummary(completed);
                    break;
                default:
                    Write(SweepText.Line(sweepEvent, _progress));
                    break;
            }
        }
    }

    public void Show(SweepStatus status)
    {
    }

    public void Written(string path) => _page = path;

    public void Notice(string message)
    {
        lock (_lock)
        {
            error.WriteLine(message);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private void Write(string? line)
    {
        if (line is not null)
        {
            output.WriteLine(line);
            output.Flush();
        }
    }

    private void WriteSummary(SweepCompleted completed)
    {
        foreach (var (name, value) in SweepText.Summary(completed, _progress, _page))
        {
            Write($"{name,-13}  {value}");
        }
    }
}
