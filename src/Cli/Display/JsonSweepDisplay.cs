using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.Cli.Display;

/// <summary>One event a line on standard output, everything else on standard error.</summary>
internal sealed class JsonSweepDisplay(TextWriter output, TextWriter error) : ISweepDisplay
{
    public bool WantsStatus => false;

    public void Show(SweepEvent sweepEvent)
    {
        output.WriteLine(SweepEventJson.Serialize(sweepEvent));
        output.Flush();
        if (sweepEvent is SweepFailed failed)
        {
            error.WriteLine($"error: {failed.Error}");
        }
    }

    public void Show(SweepStatus status)
    {
    }

    public void Written(string path)
    {
        // its place follows from the sweep's folder
    }

    public void Notice(string message) => error.WriteLine(message);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
