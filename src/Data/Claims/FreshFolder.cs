using System.Runtime.InteropServices;

namespace Lcnn.Distributed.Data.Claims;

/// <summary>Folders of which one maker alone knows that it made them.</summary>
public static partial class FreshFolder
{
    private const uint AnyMode = 0x1FF; // less what the process's mask takes away
    private const int AlreadyThere = 17;

    /// <summary>Makes a folder, with those above it, under a name that nobody has: the one wanted, or one with a number behind it.</summary>
    /// <returns>Its path.</returns>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static string Make(string wanted)
    {
        ArgumentException.ThrowIfNullOrEmpty(wanted);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(wanted))!);
        var path = wanted;
        for (var number = 2; !TryMake(path); number++)
        {
            path = FormattableString.Invariant($"{wanted}-{number}");
        }

        return path;
    }

    /// <summary>Makes a folder; false if something of that name was there.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static bool TryMake(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            var isThere = Path.Exists(path);
            Directory.CreateDirectory(path);
            return !isThere;
        }

        return MakeDirectory(path, AnyMode) == 0 ? true
            : Marshal.GetLastPInvokeError() == AlreadyThere ? false
            : throw new IOException($"the folder '{path}' cannot be made: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    /// <summary>Takes a folder away that holds nothing; any other stays.</summary>
    public static void RemoveIfEmpty(string path)
    {
        try
        {
            Directory.Delete(path, recursive: false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It holds something by now, or is gone.
        }
    }

    [LibraryImport("libc", EntryPoint = "mkdir", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int MakeDirectory(string path, uint mode);
}
