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

    /// <summary>A device of this machine by its name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static ComputeDevice Find(string name)
    {
        IReadOnlyList<string> names = [Cpu.Name, .. NamesOfMachine().Where(known => known != Cpu.Name)];
        return names.Contains(name) ? new(name) : throw new ArgumentException($"no device '{name}', expected one of {string.Join(", ", names)}");
    }

    /// <summary>Waits until all that was asked of the device is done.</summary>
    internal void Synchronize()
    {
        if (IsGpu)
        {
            cuda.synchronize(ToTorch());
        }
    }

    internal static ComputeDevice Of(Tensor t) => new(t.device.ToString());

    /// <summary>Whether it is the processor.</summary>
    public bool IsCpu => Name == Cpu.Name;

    internal bool IsGpu => Name.StartsWith("cuda", StringComparison.Ordinal);

    internal Device ToTorch() => device(Name);
}
