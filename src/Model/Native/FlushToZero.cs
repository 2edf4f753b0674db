using System.Runtime.InteropServices;

namespace Lcnn.Distributed.Model.Native;

/// <summary>Takes denormal numbers (below 1e-38 in 32 bits) for zeros on the calling thread until it is disposed.</summary>
/// <remarks>
/// Sigmoids of a sharp softplus are full of them, and a processor takes some hundred cycles for each. It belongs to the arithmetic of a run:
/// the fingerprint's pass is made with it, so that a machine that cannot is told apart. Sums between shards are made without it, as any
/// thread may make them.
/// </remarks>
internal readonly unsafe partial struct FlushToZero : IDisposable
{
    private const uint FlushAndTakeForZero = 0x8040; // FTZ and DAZ of MXCSR
    private const uint Flush = 1u << 24; // FZ of FPCR

    // Where the control register stands in fenv.h's fenv_t, which has at most 32 bytes.
    private static readonly (int Offset, uint Bits)? _control = (OperatingSystem.IsLinux(), RuntimeInformation.ProcessArchitecture) switch
    {
        (true, Architecture.X64) => (28, FlushAndTakeForZero),
        (true, Architecture.Arm64) => (0, Flush),
        _ => null,
    };

    private static bool _isMissing = _control is null;

    private readonly uint _before;
    private readonly bool _changed;

    private FlushToZero(uint before) => (_before, _changed) = (before, true);

    /// <summary>Begins on the calling thread; does nothing where the C library cannot.</summary>
    public static FlushToZero Begin()
    {
        if (_isMissing)
        {
            return default;
        }

        try
        {
            return new FlushToZero(Exchange(control => control | _control!.Value.Bits));
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
        {
            _isMissing = true;
            return default;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_changed)
        {
            var before = _before;
            Exchange(_ => before);
        }
    }

    private static uint Exchange(Func<uint, uint> change)
    {
        var environment = stackalloc byte[64];
        _ = Get(environment);
        var control = (uint*)(environment + _control!.Value.Offset);
        var before = *control;
        *control = change(before);
        _ = Set(environment);
        return before;
    }

    [LibraryImport("libm.so.6", EntryPoint = "fegetenv")]
    private static partial int Get(byte* environment);

    [LibraryImport("libm.so.6", EntryPoint = "fesetenv")]
    private static partial int Set(byte* environment);
}
