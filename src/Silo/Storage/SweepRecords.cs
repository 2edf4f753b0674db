using Lcnn.Distributed.Data.Claims;
using Lcnn.Distributed.Grains.Sweeps;

namespace Lcnn.Distributed.Silo.Storage;

/// <summary>The records that a sweep of a process of its own keeps in its folder, for as long as that process lives and for the next.</summary>
public sealed class SweepRecords : IDisposable
{
    /// <summary>Name in the sweep's folder.</summary>
    public const string FolderName = "sweep.records";

    private const string MarkName = "sweep.id";

    private const string LockName = "lock";
    private const string StateName = "sweep";
    private static readonly TimeSpan _lookTime = TimeSpan.FromMilliseconds(50);

    private readonly FileStream _lock;

    private SweepRecords(string folder, FileStream taken) => (Folder, _lock) = (folder, taken);

    /// <summary>Where they are.</summary>
    public string Folder { get; }

    /// <summary>Takes the records of a sweep's folder for this process; the system gives them back when it ends, however it ends.</summary>
    /// <exception cref="IOException">Another process has them.</exception>
    public static SweepRecords Take(string sweepFolder)
    {
        var folder = Path.Combine(sweepFolder, FolderName);
        Directory.CreateDirectory(folder);
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return new SweepRecords(folder, new FileStream(Path.Combine(folder, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            }
            catch (IOException exception)
            {
                if (attempt == 2)
                {
                    throw new IOException($"the sweep in '{sweepFolder}' is under way in another process; watch that one, or wait for its end", exception);
                }

                Thread.Sleep(_lookTime); // somebody may just have had a look
            }
        }
    }

    /// <summary>The sweep whose records are in a folder; null when there are none.</summary>
    /// <exception cref="StoredStateException">They cannot be read.</exception>
    public static StoredSweep? Read(string sweepFolder)
    {
        var folder = Path.Combine(sweepFolder, FolderName);
        var records = Path.Combine(folder, StateName);
        if (!Directory.Exists(records) || Directory.EnumerateFiles(records).FirstOrDefault(path => !path.EndsWith(".tmp", StringComparison.Ordinal)) is not { } file)
        {
            return null;
        }

        var record = new MessagePackStorageSerializer().Deserialize<SweepRecord>(BinaryData.FromBytes(File.ReadAllBytes(file)));
        if (record.SpecJson.Length == 0)
        {
            return null;
        }

        var id = Uri.UnescapeDataString(Path.GetFileName(file));
        try
        {
            return StoredSweep.Of(id, record, FolderLogs.OfJournals(folder).Read(id), isRunning: IsTaken(folder));
        }
        catch (InvalidDataException exception)
        {
            throw new StoredStateException(exception.Message, exception);
        }
    }

    /// <summary>The sweep that a folder is marked with, whether or not its records are there; null without a mark.</summary>
    public static string? IdOf(string sweepFolder)
    {
        var mark = Path.Combine(sweepFolder, MarkName);
        return File.Exists(mark) ? File.ReadAllText(mark).Trim() : null;
    }

    /// <summary>Takes away what a process left that ended before its sweep was stored; nothing where there is anything else.</summary>
    public static void Clear(string sweepFolder)
    {
        if (Directory.Exists(Path.Combine(sweepFolder, FolderName)) && !IsTaken(Path.Combine(sweepFolder, FolderName))
            && Directory.EnumerateFileSystemEntries(sweepFolder).Select(Path.GetFileName)
                .All(name => name == FolderName || FolderClaim.IsFile(name!) || name!.StartsWith(MarkName, StringComparison.Ordinal)))
        {
            Directory.Delete(Path.Combine(sweepFolder, FolderName), recursive: true);
            foreach (var mark in Directory.EnumerateFiles(sweepFolder, MarkName + "*").ToList())
            {
                File.Delete(mark);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    private static bool IsTaken(string folder)
    {
        try
        {
            using var look = new FileStream(Path.Combine(folder, LockName), FileMode.Open, FileAccess.Read, FileShare.Read);
            return false;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }
}
