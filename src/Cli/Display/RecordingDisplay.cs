using Lcnn.Distributed.Client.Recording;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Cli.Display;

/// <summary>Shows a run, and hands what is shown on to other tools.</summary>
internal sealed class RecordingDisplay(IRunDisplay display, IReadOnlyList<IRunRecorder> recorders) : IRunDisplay
{
    public void Show(RunEvent runEvent)
    {
        display.Show(runEvent);
        foreach (var recorder in recorders)
        {
            recorder.Record(runEvent);
        }
    }

    public void Written(string path) => display.Written(path);

    public void Notice(string message) => display.Notice(message);

    public async ValueTask DisposeAsync()
    {
        foreach (var recorder in recorders)
        {
            await recorder.DisposeAsync(); // may have something to say still
        }

        await display.DisposeAsync();
    }
}
