using System.Runtime.InteropServices;

namespace Lcnn.Distributed.Model.Native;

/// <summary>Decides when memory that libtorch has freed goes back to the system.</summary>
/// <remarks>
/// Left alone, glibc returns the activations of a step and asks for them again in the next: some thousand page faults a step, which two
/// threads of one process pay for together (tests/Benchmarks/README.md).
/// glibc keeps what libtorch frees in arenas that fragment: on Fashion-MNIST about 300 MB of a 600 MB process were free but held.
/// Trimming costs page faults afterwards, about as much as one step: do it between phases and every few dozen steps.
/// </remarks>
public static partial class NativeHeap
{
    // malloc.h
    private const int TrimThreshold = -1;
    private const int TopPad = -2;
    private const int MmapThreshold = -3;

    private static bool _isMissing = !OperatingSystem.IsLinux();

    /// <summary>Has freed memory kept for the next step, until <see cref="Trim"/>.</summary>
    public static void KeepFreed() => Call(() =>
    {
        _ = SetOption(TrimThreshold, int.MaxValue);
        _ = SetOption(TopPad, 64 << 20); // a thread's heap has no more
        _ = SetOption(MmapThreshold, 32 << 20); // the most that glibc takes
    });

    /// <summary>Returns free pages of the C heap; does nothing where the C library cannot.</summary>
    public static void Trim() => Call(() => _ = TrimHeap(0));

    /// <summary>Collects garbage of a phase that made much of it, and trims.</summary>
    public static void TrimAfterLoading()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        Trim();
    }

    private static void Call(Action change)
    {
        try
        {
            if (!_isMissing)
            {
                change();
            }
        }
        catch (EntryPointNotFoundException) // musl
        {
            _isMissing = true;
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetOption(int option, int value);

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int TrimHeap(nuint pad);
}
