using System.Globalization;

namespace Lcnn.Distributed.Cli.Output;

/// <summary>Tells the standard streams that this process was given from what the runtime has opened in place of a closed one.</summary>
/// <remarks>The first pipe that a runtime makes takes the lowest free number: writing to it would reach the runtime itself.</remarks>
internal static class InheritedDescriptors
{
    private const string Folder = "/proc/self/fd";
    private const int AccessMask = 3;

    /// <summary>Whether a standard stream was open when the process began, as far as the system tells.</summary>
    public static bool IsOpen(int descriptor)
    {
        if (!Directory.Exists(Folder))
        {
            return true;
        }

        var target = Target(descriptor);
        return target is not null && AccessOf(descriptor) != 0
            && !target.StartsWith("anon_inode:", StringComparison.Ordinal) && !target.StartsWith("/memfd:", StringComparison.Ordinal)
            && !(target.StartsWith("pipe:", StringComparison.Ordinal) && HasOtherEnd(target));
    }

    // Of a pipe that leads to another program this process does not hold the end that is read.
    private static bool HasOtherEnd(string pipe) =>
        Directory.EnumerateFileSystemEntries(Folder)
            .Select(path => int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out var descriptor) ? descriptor : -1)
            .Any(descriptor => Target(descriptor) == pipe && AccessOf(descriptor) != 1);

    private static string? Target(int descriptor)
    {
        try
        {
            return new FileInfo($"{Folder}/{descriptor}").LinkTarget;
        }
        catch (IOException)
        {
            return null;
        }
    }

    // 0: read, 1: write, 2: both.
    private static int AccessOf(int descriptor)
    {
        try
        {
            var flags = File.ReadLines($"/proc/self/fdinfo/{descriptor}").First(line => line.StartsWith("flags:", StringComparison.Ordinal));
            return Convert.ToInt32(flags["flags:".Length..].Trim(), 8) & AccessMask;
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
