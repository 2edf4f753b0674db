using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Numerics;

/// <summary>Where a replica computes.</summary>
/// <param name="Name">"cpu", or "cuda:" and the index.</param>
public sealed record ComputeDevice(string Name)
{
    /// <summary>The processor.</summary>
    public static ComputeDevice Cpu { get; } = new("cpu");

    /// <summary>The device of a rank: one GPU after the other, or the processor where there is none.</summary>
    public static ComputeDevice ForRank(int rank) =>
        cuda.is_available() ? new ComputeDevice($"cuda:{rank % cuda.device_count()}") : Cpu;

    internal static ComputeDevice Of(Tensor t) => new(t.device.ToString());

    internal bool IsCpu => Name == Cpu.Name;

    internal Device ToTorch() => device(Name);
}
