using System.Globalization;
using System.Runtime.InteropServices;

namespace Lcnn.Distributed.Cli.Signals;

/// <summary>What whoever started this program lets it ignore: a shell SIGINT for jobs in the background, nohup SIGHUP.</summary>
internal static class InheritedSignals
{
    private const int HangUp = 1;
    private const int Interrupt = 2;

    /// <summary>Whether the end of the terminal is none of this program's business.</summary>
    public static bool IgnoresHangUp { get; private set; }

    /// <summary>Makes SIGINT reach this program again, since .NET respects that it is ignored. To be called before the first handler is registered.</summary>
    public static void Read()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        string[] status = [.. File.ReadLines("/proc/self/status")];
        IgnoresHangUp = IsIgnored(HangUp, status);
        if (IsIgnored(Interrupt, status))
        {
            SetDisposition(Interrupt, 0); // SIG_DFL
        }
    }

    /// <summary>Whether a signal is in the mask of ignored signals of a status file.</summary>
    public static bool IsIgnored(int signal, IEnumerable<string> status) =>
        status.FirstOrDefault(line => line.StartsWith("SigIgn:", StringComparison.Ordinal)) is { } line
        && ulong.TryParse(line.AsSpan("SigIgn:".Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var mask)
        && (mask & (1UL << (signal - 1))) != 0;

    [DllImport("libc", EntryPoint = "signal")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint SetDisposition(int signal, nint handler);
}
