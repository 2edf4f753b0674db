using System.Security.Cryptography;

namespace Lcnn.Distributed.Data.Checkpoints;

/// <summary>Reads a snapshot and believes nothing that it did not check.</summary>
public static class SnapshotReader
{
    private const int MaxStateBytes = 256 * 1024 * 1024;
    private const string Advice = "Use an earlier snapshot.";

    /// <summary>Reads a snapshot's folder and checks every file against its manifest.</summary>
    /// <exception cref="CheckpointException">A file is missing, torn, truncated or changed; it is named.</exception>
    public static Snapshot Read(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var path = Path.GetFullPath(folder);
        var statePath = Path.Combine(path, SnapshotFiles.State);
        var (state, _) = ReadState(statePath);
        CheckName(path, state);

        var model = ReadTensors(Path.Combine(path, SnapshotFiles.Model), state.Model);
        var optimizer = ReadTensors(Path.Combine(path, SnapshotFiles.Optimizer), state.Optimizer);
        var weights = WeightsHash.Compute(model.Values);
        if (weights != state.WeightsSha256)
        {
            throw new CheckpointException(statePath, "weightsSha256 is not that of the model", weights, CheckpointException.Quote(state.WeightsSha256), Advice);
        }

        return new Snapshot(path, state.Step, state.Epoch, state.Generation, weights, model, optimizer, state.Run);
    }

    internal static SnapshotManifest ReadManifest(string folder)
    {
        var path = Path.GetFullPath(folder);
        var (state, digest) = ReadState(Path.Combine(path, SnapshotFiles.State));
        CheckName(path, state);
        CheckLength(Path.Combine(path, SnapshotFiles.Model), state.Model);
        CheckLength(Path.Combine(path, SnapshotFiles.Optimizer), state.Optimizer);
        return new SnapshotManifest(
            state.Step, state.Epoch, state.Generation, state.WeightsSha256,
            [Entry(SnapshotFiles.Model, state.Model), Entry(SnapshotFiles.Optimizer, state.Optimizer), Entry(SnapshotFiles.State, digest)]);

        static (string, long, string) Entry(string name, FileDigest file) => (name, file.Length, file.Sha256);
    }

    private static void CheckLength(string path, FileDigest expected)
    {
        using var file = CheckpointFile.Open(path);
        CheckLength(file, path, expected);
    }

    private static void CheckLength(Stream file, string path, FileDigest expected)
    {
        if (file.Length != expected.Length)
        {
            throw new CheckpointException(path, "torn or truncated", $"{expected.Length} bytes", $"{file.Length}", Advice);
        }
    }

    internal static (SnapshotState State, FileDigest Digest) ReadState(string path)
    {
        using var file = CheckpointFile.Open(path);
        if (file.Length > MaxStateBytes)
        {
            throw new CheckpointException(path, "too long", $"at most {MaxStateBytes} bytes", $"{file.Length}", Advice);
        }

        var bytes = CheckpointFile.Guard(path, () => new BoundedSource(file, path).Read((int)file.Length, "the state"));
        return (SnapshotState.Parse(bytes, path), new FileDigest(bytes.Length, Convert.ToHexStringLower(SHA256.HashData(bytes))));
    }

    private static IReadOnlyDictionary<string, SafeTensor> ReadTensors(string path, FileDigest expected)
    {
        // one handle for both passes, so that the bytes hashed are the bytes read
        using var file = CheckpointFile.Open(path);
        CheckLength(file, path, expected);
        var actual = CheckpointFile.Guard(path, () => Convert.ToHexStringLower(SHA256.HashData(file)));
        if (actual != expected.Sha256)
        {
            throw new CheckpointException(path, "changed since it was written", $"SHA-256 {expected.Sha256}", actual, Advice);
        }

        file.Position = 0;
        return SafeTensorsFile.Read(file, path).Tensors;
    }

    private static void CheckName(string path, SnapshotState state)
    {
        if (SnapshotName.TryParse(Path.GetFileName(path), out var name) && (name.Step != state.Step || name.Generation != state.Generation))
        {
            throw new CheckpointException(path, "the folder was renamed",
                $"step {name.Step} and generation {name.Generation} as in its name", $"step {state.Step} and generation {state.Generation}",
                "Give it back its name, or use another snapshot.");
        }
    }
}
