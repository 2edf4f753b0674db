using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Model.Training;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary>The moving average of the weights, which a snapshot keeps with its optimizer's tensors and a run's folder as a model of its own.</summary>
internal static class FetchedAverage
{
    /// <summary>Writes it beside a snapshot that was copied.</summary>
    /// <param name="snapshot">Path of the snapshot's folder.</param>
    /// <returns>Path of the model; null where the run keeps no average.</returns>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public static string? Write(string snapshot)
    {
        var optimizer = Path.Combine(snapshot, SnapshotFiles.Optimizer);
        if (!File.Exists(optimizer) || OwnedLayers.AverageAmong(SafeTensorsFile.Read(optimizer).Tensors.Values) is not { Count: > 0 } average)
        {
            return null;
        }

        var path = Path.Combine(Path.GetDirectoryName(snapshot)!, SnapshotFiles.ModelAverage);
        SafeTensorsFile.Write(path, average, SafeTensorsFile.Read(Path.Combine(snapshot, SnapshotFiles.Model)).Metadata);
        return path;
    }
}
