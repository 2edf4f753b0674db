using System.Collections.Concurrent;
using Lcnn.Distributed.Model.Native;
using Lcnn.Distributed.Model.Numerics;

namespace Lcnn.Distributed.Model.Diagnostics;

/// <summary>What two workers must have in common to compute the same bits.</summary>
/// <param name="Libtorch">Version of libtorch.</param>
/// <param name="Device">"cpu", or "cuda:" and the index.</param>
/// <param name="Processor">Model and instruction set; explains a difference, is none by itself.</param>
/// <param name="PassHash">First 16 hex digits of the SHA-256 of a small fixed forward and backward pass.</param>
/// <param name="Repeatable">Whether the pass gave the same bytes every time.</param>
public sealed record NumericalFingerprint(string Libtorch, string Device, string Processor, string PassHash, bool Repeatable)
{
    private const int PassCount = 5;

    private static readonly ConcurrentDictionary<string, Lazy<NumericalFingerprint>> _ofProcess = new();

    /// <summary>The hash of what another process must have; of a device that varies from pass to pass, what it is.</summary>
    public string Identity => Repeatable ? PassHash : $"varies on {(new ComputeDevice(Device).IsGpu && GpuModel.OfMachine() is { Length: > 0 } model ? model : DeviceKind)}";

    /// <summary>This process on a device: measured at the first call, while others may train, and the same ever after.</summary>
    /// <param name="device">"cpu", or "cuda:" and the index.</param>
    public static NumericalFingerprint Compute(string device = "cpu")
    {
        var lazy = _ofProcess.GetOrAdd(device, name => new Lazy<NumericalFingerprint>(() => Measure(name)));
        try
        {
            return lazy.Value;
        }
        catch
        {
            _ofProcess.TryRemove(KeyValuePair.Create(device, lazy)); // the next one may find memory on the device
            throw;
        }
    }

    /// <summary>Runs the pass on a thread of its own, several times.</summary>
    internal static NumericalFingerprint Measure(string device)
    {
        NativeLibrary.Check();
        try
        {
            var hashes = FingerprintPass.Hashes(device, PassCount);
            return new NumericalFingerprint(
                LibtorchInfo.Version, device, Diagnostics.Processor.Describe(), hashes[0], hashes.Distinct().Count() == 1);
        }
        catch (Exception exception) when (LibtorchException.IsRaw(exception))
        {
            throw LibtorchException.At($"the fingerprint pass on {device}", exception);
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"The fingerprint pass failed on {device}: {exception.Message}", exception);
        }
    }

    /// <summary>What differs, in words that name both sides, or null when both would compute the same bits.</summary>
    public string? DifferenceFrom(NumericalFingerprint other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return (Libtorch != other.Libtorch, DeviceKind != other.DeviceKind, Identity != other.Identity) switch
        {
            (true, _, _) => $"libtorch {Libtorch} here, {other.Libtorch} there",
            (_, true, _) => $"device {Device} here, {other.Device} there",
            (_, _, true) => $"the fixed pass gives {Identity} on {Processor}, {other.Identity} on {other.Processor}",
            _ => null,
        };
    }

    private string DeviceKind => Device.Split(':')[0];
}
