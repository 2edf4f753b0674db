using Lcnn.Distributed.Data.Checkpoints;

namespace Lcnn.Distributed.UnitTests.Checkpoints;

/// <summary>A disk whose operation <paramref name="failAt"/> fails; a write or a deletion fails half done.</summary>
/// <remarks>
/// With <paramref name="dies"/> every later operation fails too, as if the process were gone. <see cref="LosePower"/> then takes away
/// what no fsync has made durable: the contents of files, the files in a folder, the renames in a folder.
/// </remarks>
internal sealed class FaultyDisk(int failAt, bool dies) : ISnapshotFileSystem
{
    private readonly List<(string From, string To)> _moves = [];
    private readonly HashSet<string> _unflushed = [];
    private readonly List<(string Folder, Action Undo)> _volatile = [];
    private bool _dead;

    public int Operations { get; private set; }

    public bool HasFailed { get; private set; }

    public void CreateDirectory(string path)
    {
        Operate();
        Directory.CreateDirectory(path);
    }

    public Stream CreateFile(string path)
    {
        Operate();
        _unflushed.Add(path);
        _volatile.Add((Path.GetDirectoryName(path)!, () => File.Delete(Current(path))));
        return new FaultyFile(this, path);
    }

    public void FlushFile(Stream file)
    {
        Operate();
        file.Flush();
        _unflushed.Remove(((FaultyFile)file).Name);
    }

    public void FlushDirectory(string path)
    {
        Operate();
        DiskFileSystem.Instance.FlushDirectory(path);
        _volatile.RemoveAll(change => change.Folder == path);
    }

    public void MoveDirectory(string source, string destination)
    {
        Operate();
        DiskFileSystem.Instance.MoveDirectory(source, destination);
        var move = (source, destination);
        _moves.Add(move);
        _volatile.Add((Path.GetDirectoryName(destination)!, Undo));

        void Undo()
        {
            Directory.Move(destination, source);
            _moves.Remove(move);
        }
    }

    public void ReplaceFile(string source, string destination)
    {
        Operate();
        var old = File.Exists(destination) ? File.ReadAllBytes(destination) : null;
        DiskFileSystem.Instance.ReplaceFile(source, destination);
        var move = (source, destination);
        _moves.Add(move);
        _volatile.Add((Path.GetDirectoryName(destination)!, Undo));

        void Undo()
        {
            File.Move(destination, source);
            _moves.Remove(move);
            if (old is not null)
            {
                File.WriteAllBytes(destination, old);
            }
        }
    }

    public void CopyFile(string source, string destination)
    {
        Operate();
        DiskFileSystem.Instance.CopyFile(source, destination);
        _volatile.Add((Path.GetDirectoryName(destination)!, () => File.Delete(destination)));
    }

    public void Delete(string path)
    {
        try
        {
            Operate();
        }
        catch (IOException) when (Directory.Exists(path))
        {
            Directory.EnumerateFiles(path).Take(1).ToList().ForEach(File.Delete);
            throw;
        }

        DiskFileSystem.Instance.Delete(path);
    }

    /// <summary>Unflushed contents are lost, and unflushed names too unless the disk happened to write them.</summary>
    public void LosePower(bool namesSurvive)
    {
        foreach (var path in _unflushed.Select(Current).Where(File.Exists))
        {
            using var file = File.OpenWrite(path);
            file.SetLength(file.Length / 2);
        }

        if (!namesSurvive)
        {
            _volatile.Reverse();
            _volatile.ForEach(change => change.Undo());
        }
    }

    // Where a file is by now.
    private string Current(string path) => _moves.Aggregate(path, static (now, move) =>
        now == move.From || now.StartsWith(move.From + Path.DirectorySeparatorChar, StringComparison.Ordinal) ? move.To + now[move.From.Length..] : now);

    private void Operate()
    {
        if (_dead || Operations++ == failAt)
        {
            HasFailed = true;
            _dead = dies;
            throw new IOException("injected: no space left on device");
        }
    }

    private sealed class FaultyFile(FaultyDisk disk, string path) : FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0)
    {
        // FileStream passes spans on to this one in derived classes.
        public override void Write(byte[] buffer, int offset, int count)
        {
            try
            {
                disk.Operate();
            }
            catch (IOException)
            {
                base.Write(buffer, offset, count / 2);
                throw;
            }

            base.Write(buffer, offset, count);
        }
    }
}
