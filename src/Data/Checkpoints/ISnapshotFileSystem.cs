namespace Lcnn.Distributed.Data.Checkpoints;

/// <summary>What the snapshot protocol asks of a disk; tests put one here that fails at any chosen operation.</summary>
internal interface ISnapshotFileSystem
{
    /// <summary>Creates a folder with its parents.</summary>
    void CreateDirectory(string path);

    /// <summary>Creates a file that does not exist yet.</summary>
    Stream CreateFile(string path);

    /// <summary>fsync of a file made by <see cref="CreateFile"/>.</summary>
    void FlushFile(Stream file);

    /// <summary>fsync of a folder, without which a rename in it may be forgotten.</summary>
    void FlushDirectory(string path);

    /// <summary>Renames a folder; the destination does not exist.</summary>
    void MoveDirectory(string source, string destination);

    /// <summary>Renames a file over another.</summary>
    void ReplaceFile(string source, string destination);

    /// <summary>Copies a file over another, if need be.</summary>
    void CopyFile(string source, string destination);

    /// <summary>Deletes a file or a folder with all in it; nothing happens if there is none.</summary>
    void Delete(string path);
}
