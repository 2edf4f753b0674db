using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Lcnn.Distributed.Data.Checkpoints;

/// <summary>A model's safetensors file, wherever it lies.</summary>
/// <param name="Content">What is in it.</param>
/// <param name="WeightsSha256"><see cref="WeightsHash"/> of its tensors.</param>
/// <param name="Snapshot">The snapshot that it is the model of, byte for byte; null if none lies beside it.</param>
public sealed record ModelFile(SafeTensorsFile Content, string WeightsSha256, ModelFile.Origin? Snapshot)
{
    /// <summary>What a snapshot says of its model.</summary>
    /// <param name="Step">Steps done.</param>
    /// <param name="Run">The writer's own entries.</param>
    public sealed record Origin(long Step, JsonObject Run);

    /// <summary>Reads a file, and looks for its bytes among the snapshots of the folder that it lies in.</summary>
    /// <exception cref="CheckpointException">It is no safetensors file, or the snapshot's that it lies in has other bytes.</exception>
    public static ModelFile Read(string path)
    {
        using var file = CheckpointFile.Open(path);
        var sha256 = CheckpointFile.Guard(path, () => Convert.ToHexStringLower(SHA256.HashData(file)));
        file.Position = 0;
        var content = SafeTensorsFile.Read(file, path);
        return new ModelFile(content, WeightsHash.Compute(content.Tensors.Values), FindOrigin(Path.GetFullPath(path), sha256));
    }

    private static Origin? FindOrigin(string path, string sha256)
    {
        var folders = new[] { path, RealPath.Of(path) }.Select(Path.GetDirectoryName).OfType<string>().Distinct().ToList();
        foreach (var folder in folders)
        {
            if (ReadState(folder) is not { } state)
            {
                continue;
            }

            if (state.Model.Sha256 == sha256)
            {
                return new Origin(state.Step, state.Run);
            }

            if (Path.GetFileName(path) == SnapshotFiles.Model)
            {
                throw new CheckpointException(path, "changed since it was written", $"SHA-256 {state.Model.Sha256} as in {SnapshotFiles.State} beside it", sha256,
                    "Use another snapshot; a model of your own needs a folder of its own.");
            }
        }

        return folders.SelectMany(folder => SnapshotStore.List(folder).Select(name => ReadState(Path.Combine(folder, name.ToString()))))
            .FirstOrDefault(state => state?.Model.Sha256 == sha256) is { } origin ? new Origin(origin.Step, origin.Run) : null;
    }

    private static SnapshotState? ReadState(string folder)
    {
        try
        {
            return SnapshotReader.ReadState(Path.Combine(folder, SnapshotFiles.State)).State;
        }
        catch (CheckpointException)
        {
            return null; // a damaged one says nothing of the file
        }
    }
}
