using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Wire;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Training;

/// <summary>A layer's effective parameters as its owner hands them to all ranks: read-only, without a graph, in kernel layout.</summary>
public sealed class PreparedLayer : IDisposable
{
    internal PreparedLayer(Tensor[] effective, PenaltyTerms penalty, Tensor? runningMean = null, Tensor? runningVar = null)
    {
        Values = new LayerValues(effective, runningMean, runningVar);
        Penalty = penalty;
    }

    /// <summary>The layer's share of the penalties before the step.</summary>
    public PenaltyTerms Penalty { get; }

    /// <summary>Bytes of the effective parameters.</summary>
    public long ByteCount
    {
        get
        {
            var bytes = 0L;
            for (var i = 0; i < Values.Effective.Count; i++)
            {
                bytes += Values.Effective[i].numel() * Values.Effective[i].element_size();
            }

            return bytes;
        }
    }

    /// <summary>Where its tensors lie.</summary>
    public ComputeDevice Device => ComputeDevice.Of(Values.Effective[0]);

    internal LayerValues Values { get; }

    /// <summary>The same memory under handles of its own, so that each holder can dispose.</summary>
    public PreparedLayer Share() => new(
        [.. Values.Effective.Select(Alias)],
        Penalty,
        Values.RunningMean is null ? null : Alias(Values.RunningMean),
        Values.RunningVar is null ? null : Alias(Values.RunningVar));

    /// <summary>The layer on a device; gives up this one if it lies elsewhere.</summary>
    public PreparedLayer On(ComputeDevice device)
    {
        if (Device == device)
        {
            return this;
        }

        var there = device.ToTorch();
        return new PreparedLayer(
            [.. Values.Effective.Select(t => TensorLayout.Move(t, there))],
            Penalty,
            Values.RunningMean is null ? null : TensorLayout.Move(Values.RunningMean, there),
            Values.RunningVar is null ? null : TensorLayout.Move(Values.RunningVar, there));
    }

    /// <summary>A layer that another rank wrote; its tensors are to be filled through the reader.</summary>
    /// <exception cref="WireFormatException">It is not one.</exception>
    public static PreparedLayer Read(WireReader reader)
    {
        var penalty = new PenaltyTerms(reader.ReadDouble(), reader.ReadDouble(), reader.ReadOptional(), reader.ReadOptional());
        var effective = new Tensor[reader.ReadCount(bytesEach: 2)];
        if (effective.Length == 0)
        {
            throw new WireFormatException("a layer without effective parameters");
        }

        for (var i = 0; i < effective.Length; i++)
        {
            effective[i] = TensorWire.Read(reader);
        }

        return reader.ReadBoolean()
            ? new PreparedLayer(effective, penalty, TensorWire.Read(reader), TensorWire.Read(reader))
            : new PreparedLayer(effective, penalty);
    }

    /// <summary>Writes the layer, whose tensors must lie in the processor's memory.</summary>
    public void Write(WireWriter writer)
    {
        writer.WriteDouble(Penalty.BetaTerm);
        writer.WriteDouble(Penalty.GammaTerm);
        writer.WriteOptional(Penalty.Beta);
        writer.WriteOptional(Penalty.Gamma);
        writer.WriteInt32(Values.Effective.Count);
        foreach (var tensor in Values.Effective)
        {
            TensorWire.Write(writer, tensor);
        }

        writer.WriteBoolean(Values.RunningMean is not null);
        if (Values is { RunningMean: { } mean, RunningVar: { } variance })
        {
            TensorWire.Write(writer, mean);
            TensorWire.Write(writer, variance);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in Values.Effective)
        {
            tensor.Dispose();
        }

        Values.RunningMean?.Dispose();
        Values.RunningVar?.Dispose();
    }

    private static Tensor Alias(Tensor t) => t.alias().DetachFromDisposeScope();
}
