using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Lcnn.Distributed.Data.Checkpoints;

/// <summary>Finds out before the first step whether every silo sees the folder that the snapshots go to.</summary>
/// <remarks>
/// The writer leaves a file of random content, the others read it back. Its name is new each time: no cache can know it. It also holds the
/// generation, so that pruning can take away what a killed silo left behind.
/// </remarks>
public static partial class SnapshotProbe
{
    private const int IdLength = 32;
    private const int ContentLength = 64;
    private const string Prefix = SnapshotFiles.ProbePrefix + "g";

    /// <summary>Leaves a probe in the run's folder, which is created if need be.</summary>
    /// <returns>What the others need to look for it.</returns>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public static string Write(string folder, int generation)
    {
        var root = Path.GetFullPath(folder);
        var disk = DiskFileSystem.Instance;
        disk.CreateDirectory(root);
        var probe = string.Create(CultureInfo.InvariantCulture, $"g{generation}.{RandomNumberGenerator.GetHexString(IdLength + ContentLength, lowercase: true)}");
        using (var file = disk.CreateFile(PathOf(root, probe)))
        {
            file.Write(Encoding.ASCII.GetBytes(probe[^ContentLength..]));
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
            if (Encoding.ASCII.GetString(content) == probe[^ContentLength..])
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

    // A generation that has written a snapshot is past its probe.
    internal static bool IsLeftover(string fileName, int committedGeneration) =>
        fileName.StartsWith(Prefix, StringComparison.Ordinal)
        && int.TryParse(fileName[Prefix.Length..].Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var generation)
        && generation <= committedGeneration;

    private static void CheckForm(string probe)
    {
        if (!Form().IsMatch(probe))
        {
            throw new ArgumentException("not what Write returned", nameof(probe));
        }
    }

    private static string PathOf(string root, string probe) => Path.Combine(root, SnapshotFiles.ProbePrefix + probe[..^ContentLength]);

    private static CheckpointException Elsewhere(string root, string got, Exception? inner) =>
        new(root, "not the storage that the run's snapshots go to", "the probe file that its writer left there", got,
            "The snapshot folder must be shared between silos: mount the same storage under this path on each, or choose another --out.", inner);

    [GeneratedRegex("^g[0-9]{1,10}\\.[0-9a-f]{96}\\z")]
    private static partial Regex Form();
}
