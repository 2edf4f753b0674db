using Lcnn.Distributed.Data.Wire;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Wire;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Layers;

/// <summary>A layer's effective parameters as its owner hands them to all ranks: read-only, without a graph, in kernel layout.</summary>
public sealed class PreparedLayer : IDisposable
{
    internal PreparedLayer(Tensor[] effective, PenaltyTerms penalty, double? gain, Tensor? runningMean = null, Tensor? runningVar = null)
    {
        (Effective, Penalty, Gain) = (effective, penalty, gain);
        (RunningMean, RunningVar) = (runningMean, runningVar);
    }

    /// <summary>The layer's share of the penalties before the step.</summary>
    public PenaltyTerms Penalty { get; }

    /// <summary>The gain of the layer's batch norm as a number, which its owner read for all; null where it has none.</summary>
    public double? Gain { get; }

    /// <summary>Bytes of the effective parameters.</summary>
    public long ByteCount
    {
        get
        {
            var bytes = 0L;
            for (var i = 0; i < Effective.Count; i++)
            {
                bytes += Effective[i].numel() * Effective[i].element_size();
            }

            return bytes;
        }
    }

    /// <summary>Where its tensors lie.</summary>
    public ComputeDevice Device => ComputeDevice.Of(Effective[0]);

    /// <summary>Effective parameters in the layer's order.</summary>
    internal IReadOnlyList<Tensor> Effective { get; }

    /// <summary>Shape [channels]; for evaluation only.</summary>
    internal Tensor? RunningMean { get; }

    /// <summary>Shape [channels]; for evaluation only.</summary>
    internal Tensor? RunningVar { get; }

    /// <summary>The same memory under handles of its own, so that each holder can dispose.</summary>
    public PreparedLayer Share() => new(
        [.. Effective.Select(Alias)],
        Penalty,
        Gain,
        RunningMean is null ? null : Alias(RunningMean),
        RunningVar is null ? null : Alias(RunningVar));

    /// <summary>The layers on a device, moved there in one copy; gives up those that lie elsewhere.</summary>
    public static IReadOnlyList<PreparedLayer> On(ComputeDevice device, IReadOnlyList<PreparedLayer> layers)
    {
        var elsewhere = layers.Where(layer => layer.Device != device).ToList();
        if (elsewhere.Count == 0)
        {
            return layers;
        }

        var moved = new Queue<Tensor>(TensorLayout.MoveTogether([.. elsewhere.SelectMany(layer => layer.Tensors)], device.ToTorch()));
        return [.. layers.Select(layer => layer.Device == device ? layer : layer.With(moved))];
    }

    /// <summary>A copy in float64 on the processor, for what must be measured more exactly than it is computed.</summary>
    public PreparedLayer InDouble()
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        return new PreparedLayer(
            [.. Effective.Select(ToDouble)], Penalty, Gain, RunningMean is null ? null : ToDouble(RunningMean), RunningVar is null ? null : ToDouble(RunningVar));
    }

    /// <summary>A layer that another rank wrote; its tensors are to be filled through the reader.</summary>
    /// <exception cref="WireFormatException">It is not one.</exception>
    public static PreparedLayer Read(WireReader reader)
    {
        var penalty = new PenaltyTerms(reader.ReadDouble(), reader.ReadDouble(), reader.ReadOptional(), reader.ReadOptional());
        var gain = reader.ReadOptional();
        var effective = TensorWire.ReadAll(reader);
        return reader.ReadBoolean()
            ? new PreparedLayer(effective, penalty, gain, TensorWire.Read(reader), TensorWire.Read(reader))
            : new PreparedLayer(effective, penalty, gain);
    }

    /// <summary>Writes the layer, whose tensors must lie in the processor's memory.</summary>
    public void Write(WireWriter writer)
    {
        writer.WriteDouble(Penalty.BetaTerm);
        writer.WriteDouble(Penalty.GammaTerm);
        writer.WriteOptional(Penalty.Beta);
        writer.WriteOptional(Penalty.Gamma);
        writer.WriteOptional(Gain);
        TensorWire.WriteAll(writer, Effective);
        writer.WriteBoolean(RunningMean is not null);
        if ((RunningMean, RunningVar) is ({ } mean, { } variance))
        {
            TensorWire.Write(writer, mean);
            TensorWire.Write(writer, variance);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in Tensors)
        {
            tensor.Dispose();
        }
    }

    private IEnumerable<Tensor> Tensors => RunningMean is null ? Effective : [.. Effective, RunningMean, RunningVar!];

    private PreparedLayer With(Queue<Tensor> tensors) => new(
        [.. Effective.Select(_ => tensors.Dequeue())],
        Penalty,
        Gain,
        RunningMean is null ? null : tensors.Dequeue(),
        RunningVar is null ? null : tensors.Dequeue());

    private static Tensor ToDouble(Tensor t) => TensorLayout.InKernelOrder(t.detach().to(ScalarType.Float64, CPU).clone()).DetachFromDisposeScope();

    private static Tensor Alias(Tensor t) => t.detach().DetachFromDisposeScope();
}
