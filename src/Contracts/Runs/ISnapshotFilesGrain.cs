using Lcnn.Distributed.Contracts.Security;

namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>Reads the snapshots of one run on one silo. Its key, which <see cref="SnapshotListing"/> gives, names both.</summary>
/// <remarks>The folder is that of the run's stored record; callers choose among the names in it and never name a path.</remarks>
[Alias("lcnn.IRunFolderGrain")]
public interface ISnapshotFilesGrain : IGrainWithStringKey
{
    /// <summary>Most bytes of one block.</summary>
    const int MaxBlockBytes = 1024 * 1024;

    /// <summary>The snapshots, newest first; null where this silo does not see the folder.</summary>
    /// <exception cref="RunNotFoundException">There is no such run.</exception>
    [Alias("ListAsync"), RequiresRole(Role.View)]
    Task<IReadOnlyList<SnapshotInfo>?> ListAsync(CancellationToken cancellationToken);

    /// <summary>A part of a file; shorter than asked for at the end of the file, and empty behind it.</summary>
    /// <param name="snapshot">Name of a snapshot.</param>
    /// <param name="file">Name of a file in it.</param>
    /// <param name="offset">First byte, from 0.</param>
    /// <param name="count">Bytes, from 1 to <see cref="MaxBlockBytes"/>.</param>
    /// <exception cref="SnapshotNotFoundException">There is no such file.</exception>
    [Alias("ReadAsync"), RequiresRole(Role.View)]
    Task<byte[]> ReadAsync(string snapshot, string file, long offset, int count, CancellationToken cancellationToken);
}
