using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Client.Recording;
using Lcnn.Distributed.Client.Recording.Mlflow;
using Lcnn.Distributed.Client.Recording.TensorBoard;

namespace Lcnn.Distributed.Cli.Display;

/// <summary>Chooses the display for who is looking.</summary>
internal static class RunDisplay
{
    public static IRunDisplay Create(CliServices services, bool isJson) =>
        isJson ? new JsonDisplay(services.Out, services.Error)
        : services.IsTerminal ? new LiveDisplay(services.Console, services.Error, services.Clock)
        : new PlainDisplay(services.Out, services.Error, services.Clock);

    /// <summary>The same, with the tools that record what is shown.</summary>
    /// <exception cref="BadInputException">A folder for that cannot be made.</exception>
    public static IRunDisplay Create(CliServices services, bool isJson, RecordingRequest recording)
    {
        var display = Create(services, isJson);
        var recorders = new List<IRunRecorder>();
        try
        {
            if (recording.TensorBoard is { } folder)
            {
                recorders.Add(new TensorBoardLog(folder, display.Notice));
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"--tensorboard: {exception.Message}", exception);
        }

        if (recording.Mlflow is { } server)
        {
            recorders.Add(new MlflowLog(MlflowOptions.FromEnvironment(server, services.Variable), display.Notice, services.Clock));
        }

        return recorders.Count == 0 ? display : new RecordingDisplay(display, recorders);
    }
}
