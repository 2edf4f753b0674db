using Lcnn.Distributed.Model.Native;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Numerics;

/// <summary>A processor or GPU that a replica computes on.</summary>
/// <param name="Name">"cpu", or "cuda:" and the index.</param>
public sealed record ComputeDevice(string Name)
{
    public static ComputeDevice Cpu { get; } = new("cpu");

    /// <summary>Every GPU of this machine, or the processor where there is none.</summary>
    public static IReadOnlyList<string> NamesOfMachine()
    {
        try
        {
            NativeLibrary.Check();
        }
        catch (NativeLibraryException)
        {
            return [Cpu.Name]; // a worker that is placed there tells its user
        }

        return cuda.is_available() && cuda.device_count() is > 0 and var count
            ? [.. Enumerable.Range(0, count).Select(index => $"cuda:{index}")]
            : [Cpu.Name];
    }

    internal static ComputeDevice Of(Tensor t) => new(t.device.ToString());

    internal bool IsCpu => Name == Cpu.Name;

    internal bool IsGpu => Name.StartsWith("cuda", StringComparison.Ordinal);

    internal Device ToTorch() => device(Name);
}
