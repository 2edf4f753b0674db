using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Client;

/// <summary>The snapshots of one run, wherever the cluster keeps them.</summary>
/// <remarks>Every call outlives lost connections and silos, for five minutes without an answer; a read goes on at the byte it had come to.</remarks>
public interface IRunSnapshots
{
    /// <summary>The snapshots there are, newest first; damaged ones say so. A run keeps its newest ones only.</summary>
    /// <exception cref="RunNotFoundException">The cluster does not know the run.</exception>
    /// <exception cref="RunFolderNotFoundException">No silo sees the run's folder.</exception>
    Task<IReadOnlyList<SnapshotInfo>> ListAsync(CancellationToken cancellationToken = default);

    /// <summary>Reads one file in blocks of at most 1 MiB; read from its beginning, its SHA-256 is checked behind the last block.</summary>
    /// <param name="snapshot">Name of the snapshot.</param>
    /// <param name="file">Name of the file, as <see cref="SnapshotInfo.Files"/> has it.</param>
    /// <param name="offset">First byte wanted, from 0.</param>
    /// <exception cref="SnapshotNotFoundException">There is no such file.</exception>
    /// <exception cref="SnapshotDamagedException">The file is shorter than recorded, or its hash is another.</exception>
    IAsyncEnumerable<byte[]> ReadFileAsync(string snapshot, string file, long offset = 0, CancellationToken cancellationToken = default);

    /// <summary>Copies one file; nothing bears the name <paramref name="path"/> before its SHA-256 was checked.</summary>
    /// <param name="snapshot">Name of the snapshot.</param>
    /// <param name="file">Name of the file in it.</param>
    /// <param name="path">The copy, replaced if it is there; what an interrupted call left beside it, as <c>PATH.partial</c>, is gone on with.</param>
    /// <param name="progress">Told the bytes that are there after each block.</param>
    /// <param name="cancellationToken">Ends the copy; what has come is kept for the next call.</param>
    /// <exception cref="SnapshotNotFoundException">There is no such file.</exception>
    /// <exception cref="SnapshotDamagedException">The file is not what was recorded; nothing of it is kept.</exception>
    /// <exception cref="IOException">The copy cannot be written.</exception>
    Task DownloadFileAsync(
        string snapshot, string file, string path, IProgress<long>? progress = null, CancellationToken cancellationToken = default);

    /// <summary>Copies a snapshot into a folder of its name below <paramref name="folder"/>, which appears when every file is there and checked.</summary>
    /// <param name="snapshot">Name of the snapshot; null for the newest that is not damaged.</param>
    /// <param name="folder">Where it goes; made if need be. What an interrupted call left there is gone on with.</param>
    /// <param name="progress">Told the bytes that are there, of all files together, after each block.</param>
    /// <param name="cancellationToken">Ends the copy; what has come is kept for the next call.</param>
    /// <returns>The snapshot, and the path of its copy. A copy that is there already is checked and left as it is.</returns>
    /// <exception cref="SnapshotNotFoundException">There is no such snapshot, or none at all yet.</exception>
    /// <exception cref="SnapshotDamagedException">A file is not what was recorded.</exception>
    /// <exception cref="IOException">The copy cannot be written, or something else has its name.</exception>
    Task<SnapshotCopy> DownloadAsync(
        string? snapshot, string folder, IProgress<long>? progress = null, CancellationToken cancellationToken = default);
}

/// <summary>A snapshot on this machine.</summary>
/// <param name="Snapshot">What it is.</param>
/// <param name="Path">Its folder.</param>
public sealed record SnapshotCopy(SnapshotInfo Snapshot, string Path);
