using System.Runtime.InteropServices;

namespace Lcnn.Distributed.Cli.Output;

/// <summary>Waits for a file descriptor.</summary>
internal static class DescriptorPoll
{
    private const short Room = 4; // POLLOUT
    private const short Lost = 8 | 16; // POLLERR, POLLHUP: no reader is left, or the terminal is gone
    private const int Forever = -1;

    /// <summary>Returns when it takes more, or never will.</summary>
    public static void WaitForRoom(int descriptor)
    {
        var entry = new Entry { Descriptor = descriptor, Events = Room };
        _ = Poll(ref entry, 1, Forever); // an interrupted wait ends in another attempt
    }

    /// <summary>Returns true when nobody is left to read it, false if that cannot be told.</summary>
    public static bool WaitForLoss(int descriptor)
    {
        var entry = new Entry { Descriptor = descriptor };
        while (Poll(ref entry, 1, Forever) <= 0)
        {
            if (Marshal.GetLastPInvokeError() != 4) // EINTR
            {
                return false;
            }
        }

        return (entry.Returned & Lost) != 0;
    }

    [DllImport("libc", EntryPoint = "poll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Poll(ref Entry entry, nuint count, int milliseconds);

    [StructLayout(LayoutKind.Sequential)]
    private struct Entry
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}
