using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Data.Checkpoints;

namespace Lcnn.Distributed.Grains.Runs;

/// <summary>The folder of a run as this machine sees it; gives out what is in its snapshots, and nothing else.</summary>
internal sealed class ServedSnapshots(string runId, string path)
{
    /// <summary>The snapshots up to the committed one, newest first; null if that one is not here.</summary>
    public IReadOnlyList<SnapshotInfo>? List(SnapshotName committed)
    {
        try
        {
            // another run may have gone back in the folder: then they are set aside together
            return SnapshotRewind.Find(path, committed) is { } newest && Path.GetDirectoryName(newest) is { } folder
                ? [.. SnapshotStore.List(folder).Where(name => name.CompareTo(committed) <= 0).Select(name => Describe(folder, name))]
                : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Part of a file; empty behind its end.</summary>
    /// <exception cref="SnapshotNotFoundException">No snapshot here has such a file.</exception>
    public byte[] Read(string snapshot, string file, long offset, int count)
    {
        // Nothing but exact names reaches the disk.
        if (!SnapshotName.TryParse(snapshot, out var name) || !SnapshotManifest.FileNames.Contains(file))
        {
            throw new SnapshotNotFoundException(runId, $"{snapshot}/{file}");
        }

        try
        {
            var folder = SnapshotRewind.Find(path, name) ?? throw new SnapshotNotFoundException(runId, snapshot);
            using var handle = File.OpenHandle(Path.Combine(folder, file), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var block = new byte[Math.Clamp(RandomAccess.GetLength(handle) - offset, 0, count)];
            var length = 0;
            while (length < block.Length && RandomAccess.Read(handle, block.AsSpan(length), offset + length) is var read and > 0)
            {
                length += read;
            }

            return length == block.Length ? block : block[..length];
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new SnapshotNotFoundException(runId, $"{snapshot}/{file}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SnapshotDamagedException($"run {runId}: {snapshot}/{file} cannot be read: {exception.Message}");
        }
    }

    private static SnapshotInfo Describe(string folder, SnapshotName name)
    {
        try
        {
            var manifest = SnapshotManifest.Read(Path.Combine(folder, name.ToString()));
            return new SnapshotInfo
            {
                Name = name.ToString(),
                Step = name.Step,
                Epoch = manifest.Epoch,
                Generation = name.Generation,
                WeightsSha256 = manifest.WeightsSha256,
                Files = [.. manifest.Files.Select(file => new SnapshotFile(file.Name, file.Length, file.Sha256))],
            };
        }
        catch (CheckpointException exception)
        {
            return new SnapshotInfo { Name = name.ToString(), Step = name.Step, Generation = name.Generation, Damage = exception.Message };
        }
    }
}
