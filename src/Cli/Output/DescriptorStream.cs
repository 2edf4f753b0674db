using System.Runtime.InteropServices;

namespace Lcnn.Distributed.Cli.Output;

/// <summary>A standard stream of a Unix process that tells every failure: the console's own says nothing of a reader that left.</summary>
internal sealed class DescriptorStream(int descriptor) : WriteOnlyStream
{
    private const int Interrupted = 4;
    private static readonly int _wouldBlock = OperatingSystem.IsMacOS() ? 35 : 11;

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var written = WriteTo(descriptor, ref MemoryMarshal.GetReference(buffer), buffer.Length);
            if (written >= 0)
            {
                buffer = buffer[(int)written..];
                continue;
            }

            var error = Marshal.GetLastPInvokeError();
            if (error == _wouldBlock)
            {
                DescriptorPoll.WaitForRoom(descriptor); // whoever shares the stream may have made it non-blocking
            }
            else if (error != Interrupted)
            {
                throw new OutputLostException(Marshal.GetPInvokeErrorMessage(error), error == OutputLostException.BrokenPipe);
            }
        }
    }

    [DllImport("libc", EntryPoint = "write", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint WriteTo(int descriptor, ref byte first, nint count);
}
