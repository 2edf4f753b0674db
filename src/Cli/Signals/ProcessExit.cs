using System.Runtime.InteropServices;

namespace Lcnn.Distributed.Cli.Signals;

/// <summary>Ends this process at once.</summary>
internal static class ProcessExit
{
    /// <summary>Skips every destructor: libtorch's would pull memory from under threads that still compute.</summary>
    public static void Now(int exitCode)
    {
        // Nothing is flushed: the standard streams keep nothing back, and a reader who stands still must not hold up a second Ctrl-C.
        if (OperatingSystem.IsWindows())
        {
            Environment.Exit(exitCode);
        }

        ExitWithoutDestructors(exitCode);
    }

    [DllImport("libc", EntryPoint = "_exit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern void ExitWithoutDestructors(int exitCode);
}
