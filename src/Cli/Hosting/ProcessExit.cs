using System.Runtime.InteropServices;

namespace Lcnn.Distributed.Cli.Hosting;

/// <summary>Ends this process at once.</summary>
internal static class ProcessExit
{
    /// <summary>Skips every destructor: libtorch's would pull memory from under threads that still compute.</summary>
    public static void Now(int exitCode)
    {
        Console.Out.Flush();
        Console.Error.Flush();
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
