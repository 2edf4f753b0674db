using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Wire;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Training;

/// <summary>One layer's effective gradients summed over some shards, and the batch statistics of the same shards.</summary>
/// <remarks>It has one holder at a time and is handed over with its memory; <see cref="Combine"/> uses up both its arguments.</remarks>
public sealed class LayerGradient : IDisposable
{
    internal LayerGradient(Tensor flat, BatchStatistics? statistics)
    {
        Flat = flat;
        Statistics = statistics;
    }

    /// <summary>Bytes of the gradients.</summary>
    public long ByteCount => Flat.numel() * Flat.element_size();

    /// <summary>Gradients of the layer's effective parameters in their order, shape [effective count].</summary>
    internal Tensor Flat { get; }

    internal BatchStatistics? Statistics { get; }

    /// <summary>left + right, in left's memory; statistics merge likewise.</summary>
    public static LayerGradient Combine(LayerGradient left, LayerGradient right)
    {
        using (right)
        {
            left.Flat.PlusInPlace(right.Flat);
            return new LayerGradient(
                left.Flat,
                left.Statistics is null || right.Statistics is null ? null : BatchStatistics.Merge(left.Statistics, right.Statistics));
        }
    }

    /// <summary>The gradient on a device; gives up this one if it lies elsewhere.</summary>
    public LayerGradient On(ComputeDevice device) => ComputeDevice.Of(Flat) == device
        ? this
        : new LayerGradient(TensorLayout.Move(Flat, device.ToTorch()), Statistics);

    /// <summary>A gradient that another rank wrote; its tensor is to be filled through the reader.</summary>
    /// <exception cref="WireFormatException">It is not one.</exception>
    public static LayerGradient Read(WireReader reader)
    {
        var statistics = reader.ReadBoolean() ? BatchStatistics.Read(reader) : null;
        return new LayerGradient(TensorWire.Read(reader), statistics);
    }

    /// <summary>Writes the gradient, which must lie in the processor's memory.</summary>
    public void Write(WireWriter writer)
    {
        writer.WriteBoolean(Statistics is not null);
        Statistics?.Write(writer);
        TensorWire.Write(writer, Flat);
    }

    /// <inheritdoc/>
    public void Dispose() => Flat.Dispose();
}
