using System.Runtime.InteropServices;

namespace Lcnn.Distributed.EndToEndTests;

/// <summary>Sends signals to other processes, which .NET itself cannot.</summary>
internal static class PosixSignals
{
    public const int HangUp = 1;
    public const int Interrupt = 2;
    public const int Terminate = 15;
    public const int Continue = 18;
    public const int Stop = 19;

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static extern int Kill(int processId, int signal);
}
