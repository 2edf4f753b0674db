using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Cli.Display;

/// <summary>One event a line on standard output, everything else on standard error.</summary>
internal sealed class JsonDisplay(TextWriter output, TextWriter error) : IRunDisplay
{
    public void Show(RunEvent runEvent)
    {
        output.WriteLine(RunEventJson.Serialize(runEvent));
        output.Flush();
        switch (runEvent)
        {
            case RunFailed failed:
                error.WriteLine($"error: {failed.Error}");
                break;
            case RunCompleted { Robustness: { } robustness }:
                RobustnessTables.Errors(robustness).ToList().ForEach(error.WriteLine);
                break;
        }
    }

    public void Written(string path)
    {
        // its place follows from the report's
    }

    public void Notice(string message) => error.WriteLine(message);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
