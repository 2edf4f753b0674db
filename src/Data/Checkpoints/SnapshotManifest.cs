namespace Lcnn.Distributed.Data.Checkpoints;

/// <summary>What a snapshot says it consists of; its tensors are not opened.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Epoch">Epoch of the last step.</param>
/// <param name="Generation">Generation of the run that wrote it.</param>
/// <param name="WeightsSha256">Hash of its weights.</param>
/// <param name="Files">Its files with their lengths and hashes, the state last.</param>
public sealed record SnapshotManifest(
    long Step, int Epoch, int Generation, string WeightsSha256, IReadOnlyList<(string Name, long Length, string Sha256)> Files)
{
    /// <summary>The names of a snapshot's files.</summary>
    public static IReadOnlyList<string> FileNames { get; } = [SnapshotFiles.Model, SnapshotFiles.Optimizer, SnapshotFiles.State];

    /// <summary>Reads the state of a snapshot's folder and compares lengths; whoever reads the files compares the hashes.</summary>
    /// <exception cref="CheckpointException">The state is damaged, or a file is missing or of another length.</exception>
    public static SnapshotManifest Read(string folder) => SnapshotReader.ReadManifest(folder);
}
