using System.Globalization;
using System.Runtime.InteropServices;

namespace Lcnn.Distributed.Cli.Hosting;

/// <summary>Undoes what a shell does to jobs in the background: it lets them ignore SIGINT, and .NET respects that.</summary>
internal static class InheritedSignals
{
    private const int Interrupt = 2;

    /// <summary>Makes SIGINT reach this program again. To be called before the first handler is registered.</summary>
    public static void HearInterrupts()
    {
        if (OperatingSystem.IsLinux() && IsIgnored(File.ReadLines("/proc/self/status")))
        {
            SetDisposition(Interrupt, 0); // SIG_DFL
        }
    }

    /// <summary>Whether SIGINT is in the mask of ignored signals of a status file.</summary>
    public static bool IsIgnored(IEnumerable<string> status) =>
        status.FirstOrDefault(line => line.StartsWith("SigIgn:", StringComparison.Ordinal)) is { } line
        && ulong.TryParse(line.AsSpan("SigIgn:".Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var mask)
        && (mask & (1UL << (Interrupt - 1))) != 0;

    [DllImport("libc", EntryPoint = "signal")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint SetDisposition(int signal, nint handler);
}
