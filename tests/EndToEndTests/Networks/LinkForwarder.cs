using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Lcnn.Distributed.EndToEndTests.Networks;

/// <summary>A cable with length and noise: two virtual Ethernet devices, in two network namespaces, whose frames this process carries from one to the other.</summary>
/// <remarks>For kernels without <c>netem</c>. Frames keep their order; which of them get lost follows from a seed.</remarks>
internal sealed class LinkForwarder : IDisposable
{
    private const int Seed = 20;
    private const int MostBytes = 65_536;
    private readonly int[] _devices;
    private readonly LinkQuality _quality;
    private volatile bool _isEnding;

    private LinkForwarder(int[] devices, LinkQuality quality)
    {
        (_devices, _quality) = (devices, quality);
        foreach (var (from, to) in (ReadOnlySpan<(int, int)>)[(0, 1), (1, 0)])
        {
            var waiting = new BlockingCollection<(long Due, byte[] Frame)>();
            Start(() => Read(_devices[from], new Random(Seed + from), waiting));
            Start(() => Write(_devices[to], waiting));
        }
    }

    /// <summary>Makes the devices and begins to carry.</summary>
    /// <param name="ends">Namespace and device name of both ends.</param>
    /// <param name="quality">Of each way.</param>
    /// <exception cref="InvalidOperationException">The machine forbids it.</exception>
    public static LinkForwarder Connect(IReadOnlyList<(string Namespace, string Device)> ends, LinkQuality quality)
    {
        int[] devices = [-1, -1];
        Exception? failure = null;
        var thread = new Thread(() => // its namespace is changed, so that it is good for nothing else
        {
            try
            {
                for (var end = 0; end < 2; end++)
                {
                    devices[end] = Open(ends[end].Namespace, ends[end].Device);
                }
            }
            catch (Win32Exception exception)
            {
                failure = exception;
            }
        });
        thread.Start();
        thread.Join();
        return failure is null ? new LinkForwarder(devices, quality) : throw new InvalidOperationException($"no virtual devices: {failure.Message}", failure);
    }

    public void Dispose()
    {
        _isEnding = true;
        foreach (var device in _devices)
        {
            _ = Native.Close(device); // the device goes with it
        }
    }

    private static int Open(string @namespace, string device)
    {
        var place = Check(Native.Open($"/var/run/netns/{@namespace}", Native.ReadOnly), "the namespace");
        Check(Native.SetNamespace(place, Native.NetworkNamespace), "entering the namespace");
        _ = Native.Close(place);
        var opened = Check(Native.Open("/dev/net/tun", Native.ReadWrite), "/dev/net/tun");
        var request = new byte[40]; // struct ifreq: a name of 16 bytes, then flags
        Encoding.ASCII.GetBytes(device, request);
        BitConverter.TryWriteBytes(request.AsSpan(16), (short)(Native.Tap | Native.NoPacketInformation));
        Check(Native.Control(opened, Native.SetInterface, request), $"the device {device}");
        return opened;
    }

    private static int Check(int result, string what) => result >= 0 ? result : throw new Win32Exception(Marshal.GetLastPInvokeError(), $"{what}: error {Marshal.GetLastPInvokeError()}");

    private static void Start(ThreadStart work) => new Thread(work) { IsBackground = true }.Start();

    private void Read(int device, Random noise, BlockingCollection<(long, byte[])> waiting)
    {
        var buffer = new byte[MostBytes];
        while (!_isEnding && (int)Native.Read(device, buffer, MostBytes) is > 0 and var count)
        {
            if (noise.NextDouble() >= _quality.Loss)
            {
                waiting.Add((Stopwatch.GetTimestamp() + (long)(_quality.Delay.TotalSeconds * Stopwatch.Frequency), buffer[..count]));
            }
        }

        waiting.CompleteAdding();
    }

    private static void Write(int device, BlockingCollection<(long Due, byte[] Frame)> waiting)
    {
        foreach (var (due, frame) in waiting.GetConsumingEnumerable())
        {
            if (Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due) is { Ticks: > 0 } left)
            {
                Thread.Sleep(left); // the length of the cable
            }

            Native.Write(device, frame, frame.Length);
        }
    }

    private static class Native
    {
        public const int ReadOnly = 0;
        public const int ReadWrite = 2;
        public const int NetworkNamespace = 0x40000000; // CLONE_NEWNET
        public const nuint SetInterface = 0x400454ca; // TUNSETIFF
        public const short Tap = 2;
        public const short NoPacketInformation = 0x1000;

        [DllImport("libc", EntryPoint = "open", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

        [DllImport("libc", EntryPoint = "setns", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int SetNamespace(int descriptor, int kind);

        [DllImport("libc", EntryPoint = "ioctl", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int Control(int descriptor, nuint request, byte[] argument);

        [DllImport("libc", EntryPoint = "read", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern nint Read(int descriptor, byte[] buffer, nint count);

        [DllImport("libc", EntryPoint = "write", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern nint Write(int descriptor, byte[] buffer, nint count);

        [DllImport("libc", EntryPoint = "close", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int Close(int descriptor);
    }
}

/// <summary>How good a cable is, each way.</summary>
/// <param name="Delay">Of every frame.</param>
/// <param name="Loss">Share of frames that vanish, 0 to 1.</param>
internal sealed record LinkQuality(TimeSpan Delay, double Loss = 0);
