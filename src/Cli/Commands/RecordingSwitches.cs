using System.CommandLine;
using Lcnn.Distributed.Cli.Services;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary>Where else a run is recorded: the options of the commands that follow one.</summary>
internal sealed class RecordingSwitches
{
    /// <summary>A folder of TensorBoard's.</summary>
    public Option<string> TensorBoard { get; } = CommonOptions.Value(
        "--tensorboard", "folder", "Also write the run for TensorBoard, to this folder here; see it with 'tensorboard --logdir FOLDER'. Default: no");

    /// <summary>An MLflow server.</summary>
    public Option<string> Mlflow { get; } = CommonOptions.Value(
        "--mlflow", "url", "Also record the run on the MLflow server at this address, in the experiment MLFLOW_EXPERIMENT_NAME; a server that is slow or away never holds up the run. Default: no");

    /// <summary>All of them, in the order of the help text.</summary>
    public IEnumerable<Option> All => [TensorBoard, Mlflow];

    /// <summary>What was asked for.</summary>
    public RecordingRequest Read(ArgumentReader reader, CliServices services) => new(OutputFolder.Read(reader, TensorBoard, services), ReadServer(reader));

    /// <summary>Refuses them where nobody follows the run.</summary>
    public void Refuse(ArgumentReader reader, string why)
    {
        foreach (var option in All.Where(reader.IsGiven))
        {
            reader.Add(option, why);
        }
    }

    private Uri? ReadServer(ArgumentReader reader)
    {
        if (reader.Text(Mlflow) is not { } text)
        {
            return null;
        }

        if (Uri.TryCreate(text, UriKind.Absolute, out var server) && server.Scheme is "http" or "https" && server.Host.Length > 0)
        {
            return server;
        }

        reader.Add(Mlflow, "expected the address of an MLflow server such as http://localhost:5000"); // what was typed may hold a password
        return null;
    }
}
