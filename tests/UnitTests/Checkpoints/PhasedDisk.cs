using Lcnn.Distributed.Data.Checkpoints;

namespace Lcnn.Distributed.UnitTests.Checkpoints;

/// <summary>The real disk, telling which file is being written.</summary>
internal sealed class PhasedDisk(WriterProgress progress) : ISnapshotFileSystem
{
    private static DiskFileSystem Disk => DiskFileSystem.Instance;

    public void CreateDirectory(string path) => Disk.CreateDirectory(path);

    public Stream CreateFile(string path)
    {
        progress.Phase = Path.GetFileName(path) switch
        {
            SnapshotFiles.Model => WriterPhase.Model,
            SnapshotFiles.Optimizer => WriterPhase.Optimizer,
            SnapshotFiles.State => WriterPhase.State,
            _ => WriterPhase.Latest,
        };
        return Disk.CreateFile(path);
    }

    public void FlushFile(Stream file) => Disk.FlushFile(file);

    public void FlushDirectory(string path) => Disk.FlushDirectory(path);

    public void MoveDirectory(string source, string destination)
    {
        progress.Phase = WriterPhase.Folder;
        Disk.MoveDirectory(source, destination);
    }

    public void ReplaceFile(string source, string destination) => Disk.ReplaceFile(source, destination);

    public void CopyFile(string source, string destination) => Disk.CopyFile(source, destination);

    public void Delete(string path)
    {
        progress.Phase = WriterPhase.Pruning;
        Disk.Delete(path);
    }
}
