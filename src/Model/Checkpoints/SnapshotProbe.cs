using System.Security.Cryptography;
using System.Text;

namespace Lcnn.Distributed.Model.Checkpoints;

/// <summary>Finds out before the first step whether every silo sees the folder that the snapshots go to.</summary>
/// <remarks>The writer leaves a file of random content, the others read it back. Its name is new each time: no cache can know it.</remarks>
public static class SnapshotProbe
{
    private const int IdLength = 32;
    private const int ContentLength = 64;

    /// <summary>Leaves a probe in the run's folder, which is created if need be.</summary>
    /// <returns>What the others need to look for it.</returns>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public static string Write(string folder)
    {
        var root = Path.GetFullPath(folder);
        var disk = DiskFileSystem.Instance;
        disk.CreateDirectory(root);
        var probe = RandomNumberGenerator.GetHexString(IdLength + ContentLength, lowercase: true);
        using (var file = disk.CreateFile(PathOf(root, probe)))
        {
            file.Write(Encoding.ASCII.GetBytes(probe[IdLength..]));
            disk.FlushFile(file);
        }

        disk.FlushDirectory(root);
        return probe;
    }

    /// <summary>Reads the probe that the writer left.</summary>
    /// <exception cref="CheckpointException">It is not there: this folder is not the writer's.</exception>
    public static void Check(string folder, string probe)
    {
        CheckForm(probe);
        var root = Path.GetFullPath(folder);
        try
        {
            using var file = CheckpointFile.Open(PathOf(root, probe));
            var content = CheckpointFile.Guard(file.Name, () => new BoundedSource(file, file.Name).Read(ContentLength, "the probe"));
            if (Encoding.ASCII.GetString(content) == probe[IdLength..])
            {
                return;
            }

            throw Elsewhere(root, "another content", null);
        }
        catch (CheckpointException problem) when (problem.File != root)
        {
            throw Elsewhere(root, problem.Message, problem);
        }
    }

    /// <summary>Takes the probe away once all have read it; nothing happens if there is none.</summary>
    public static void Delete(string folder, string probe)
    {
        CheckForm(probe);
        DiskFileSystem.Instance.Delete(PathOf(Path.GetFullPath(folder), probe));
    }

    private static void CheckForm(string probe)
    {
        if (probe.Length != IdLength + ContentLength || !probe.All(char.IsAsciiHexDigitLower))
        {
            throw new ArgumentException("not what Write returned", nameof(probe));
        }
    }

    private static string PathOf(string root, string probe) => Path.Combine(root, SnapshotFiles.ProbePrefix + probe[..IdLength]);

    private static CheckpointException Elsewhere(string root, string got, Exception? inner) =>
        new(root, "not the storage that the run's snapshots go to", "the probe file that its writer left there", got,
            "Mount the same storage under this path on every silo, or choose another --out.", inner);
}
