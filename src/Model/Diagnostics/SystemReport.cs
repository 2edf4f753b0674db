using System.Runtime.InteropServices;
using TorchSharp;
using NativeLibrary = Lcnn.Distributed.Model.Native.NativeLibrary;

namespace Lcnn.Distributed.Model.Diagnostics;

/// <summary>What `lcnn doctor` shows about this machine.</summary>
/// <param name="OperatingSystem">Name and version.</param>
/// <param name="Architecture">For example linux-x64.</param>
/// <param name="DotNet">Version of the runtime.</param>
/// <param name="Libtorch">Version of libtorch.</param>
/// <param name="TorchSharp">Version of TorchSharp.</param>
/// <param name="CoreCount">Cores that this process may use.</param>
/// <param name="IntraOpThreadCount">Threads that one libtorch operation uses unless told otherwise.</param>
/// <param name="MemoryBytes">Memory that this process may use.</param>
/// <param name="Devices">One fingerprint for each device: the CPU, then every CUDA device.</param>
public sealed record SystemReport(
    string OperatingSystem,
    string Architecture,
    string DotNet,
    string Libtorch,
    string TorchSharp,
    int CoreCount,
    int IntraOpThreadCount,
    long MemoryBytes,
    IReadOnlyList<NumericalFingerprint> Devices)
{
    /// <summary>The processor as far as it decides which kernels libtorch picks.</summary>
    public static string ProcessorName => Processor.Describe();

    /// <summary>Looks at everything; takes about a second.</summary>
    /// <exception cref="Native.NativeLibraryException">libtorch cannot be loaded.</exception>
    public static SystemReport Collect()
    {
        NativeLibrary.Check();
        var cudaCount = torch.cuda.is_available() ? torch.cuda.device_count() : 0;
        string[] devices = ["cpu", .. Enumerable.Range(0, cudaCount).Select(index => $"cuda:{index}")];
        return new SystemReport(
            RuntimeInformation.OSDescription,
            RuntimeInformation.RuntimeIdentifier,
            Environment.Version.ToString(),
            LibtorchInfo.Version,
            LibtorchInfo.TorchSharpVersion,
            Environment.ProcessorCount,
            torch.get_num_threads(),
            GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
            [.. devices.Select(NumericalFingerprint.Compute)]);
    }
}
