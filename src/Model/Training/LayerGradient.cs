using Lcnn.Distributed.Data.Wire;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Wire;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Training;

/// <summary>One layer's effective gradients summed over some shards, and the batch statistics of the same shards.</summary>
/// <remarks>It has one holder at a time and is handed over with its memory; <see cref="Combine"/> uses up both its arguments.</remarks>
public sealed class LayerGradient : IDisposable
{
    internal LayerGradient(IReadOnlyList<Tensor> ofParameters, BatchStatistics? statistics)
    {
        OfParameters = ofParameters;
        Statistics = statistics;
    }

    /// <summary>Bytes of the gradients.</summary>
    public long ByteCount => OfParameters.Sum(gradient => gradient.numel() * gradient.element_size());

    /// <summary>Gradients of the layer's effective parameters, in their order and shapes, each in memory of its own.</summary>
    internal IReadOnlyList<Tensor> OfParameters { get; }

    internal BatchStatistics? Statistics { get; }

    /// <summary>left + right, in left's memory; statistics merge likewise.</summary>
    public static LayerGradient Combine(LayerGradient left, LayerGradient right)
    {
        using (right)
        {
            for (var i = 0; i < left.OfParameters.Count; i++)
            {
                left.OfParameters[i].PlusInPlace(right.OfParameters[i]);
            }

            return new LayerGradient(
                left.OfParameters,
                left.Statistics is null || right.Statistics is null ? null : BatchStatistics.Merge(left.Statistics, right.Statistics));
        }
    }

    /// <summary>The gradient on a device; gives up this one if it lies elsewhere.</summary>
    public LayerGradient On(ComputeDevice device) => ComputeDevice.Of(OfParameters[0]) == device
        ? this
        : new LayerGradient(TensorLayout.MoveTogether(OfParameters, device.ToTorch()), Statistics);

    /// <summary>A gradient that another rank wrote; its tensors are to be filled through the reader.</summary>
    /// <exception cref="WireFormatException">It is not one.</exception>
    public static LayerGradient Read(WireReader reader)
    {
        var statistics = reader.ReadBoolean() ? BatchStatistics.Read(reader) : null;
        return new LayerGradient(TensorWire.ReadAll(reader), statistics);
    }

    /// <summary>Writes the gradient, which must lie in the processor's memory.</summary>
    public void Write(WireWriter writer)
    {
        writer.WriteBoolean(Statistics is not null);
        Statistics?.Write(writer);
        TensorWire.WriteAll(writer, OfParameters);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var gradient in OfParameters)
        {
            gradient.Dispose();
        }
    }
}
