using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Lcnn.Distributed.Model.Diagnostics;

/// <summary>The processor as far as it decides which kernels libtorch picks.</summary>
internal static class Processor
{
    private const string CpuInfo = "/proc/cpuinfo";

    public static string Describe()
    {
        var forced = Environment.GetEnvironmentVariable("ATEN_CPU_CAPABILITY");
        return $"{ModelName()} ({InstructionSet()}{(forced is null ? "" : $", ATEN_CPU_CAPABILITY={forced}")})";
    }

    private static string ModelName()
    {
        var line = File.Exists(CpuInfo)
            ? File.ReadLines(CpuInfo).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))
            : null;
        return line is null
            ? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? "unknown processor"
            : line[(line.IndexOf(':') + 1)..].Trim();
    }

    private static string InstructionSet() =>
        Avx512F.IsSupported ? "AVX-512" : Avx2.IsSupported ? "AVX2" : AdvSimd.IsSupported ? "NEON" : "baseline";
}
