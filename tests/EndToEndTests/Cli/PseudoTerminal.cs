using System.Runtime.InteropServices;
using System.Text;

namespace Lcnn.Distributed.EndToEndTests.Cli;

/// <summary>A terminal that a test looks at, and closes.</summary>
internal sealed class PseudoTerminal : IDisposable
{
    private const int ReadAndWrite = 2;
    private const int NotControlling = 0x100;
    private const int CloseOnExecute = 0x80000; // a program that inherits it would keep the terminal open

    private readonly FileStream _screen;

    public PseudoTerminal()
    {
        var master = OpenMaster(ReadAndWrite | NotControlling | CloseOnExecute);
        var name = new byte[64];
        if (master < 0 || Grant(master) != 0 || Unlock(master) != 0 || NameOf(master, name, name.Length) != 0)
        {
            throw new InvalidOperationException($"no pseudo terminal: error {Marshal.GetLastPInvokeError()}");
        }

        Path = Encoding.ASCII.GetString(name).TrimEnd('\0');
        _screen = new FileStream(new Microsoft.Win32.SafeHandles.SafeFileHandle(master, ownsHandle: true), FileAccess.Read, bufferSize: 0);
    }

    /// <summary>The terminal as a file.</summary>
    public string Path { get; }

    /// <summary>Returns once something was written to it.</summary>
    public Task WaitForOutputAsync() => Task.Run(() => _screen.ReadAtLeast(new byte[1], 1));

    public void Dispose() => _screen.Dispose();

    [DllImport("libc", EntryPoint = "posix_openpt", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int OpenMaster(int flags);

    [DllImport("libc", EntryPoint = "grantpt", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Grant(int master);

    [DllImport("libc", EntryPoint = "unlockpt", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Unlock(int master);

    [DllImport("libc", EntryPoint = "ptsname_r", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int NameOf(int master, [Out] byte[] name, nint length);
}
