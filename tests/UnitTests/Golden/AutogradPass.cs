using Lcnn.Distributed.Model.Kernels;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.UnitTests.Own;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Lcnn.Distributed.UnitTests.Golden;

/// <summary>The forward computation of a network as the reference writes it, for autograd to differentiate as often as one likes: the judge of the written passes.</summary>
internal sealed class AutogradPass(Normalization normalization, IReadOnlyList<PreparedLayer> layers)
{
    private readonly (Tensor Mean, Tensor Variance, long Count)?[] _collected = new (Tensor, Tensor, long)?[layers.Count];

    public Tensor Forward(Network network, Tensor images_BCHW)
    {
        var values = new List<Tensor> { images_BCHW };
        foreach (var node in network.Nodes)
        {
            var x = node.Sources.Select(source => source.Factor == 1 ? values[source.Value] : values[source.Value] * source.Factor).Aggregate((sum, next) => sum + next);
            values.Add(Forward(node.Node, x));
        }

        return values[^1];
    }

    /// <summary>One entry a layer; null for layers without batch norm.</summary>
    public BatchStatistics?[] Statistics() => [.. _collected.Select(entry => entry is var (mean, variance, count)
        ? BatchStatistics.Of(count, mean.ReadDoubles(), variance.ReadDoubles())
        : null)];

    private Tensor Forward(INode node, Tensor x) => node switch
    {
        ConvNode { Layer: var layer, Scale: var scale } => functional.conv2d(
            x * scale, Of(layer)[0], layer.HasBias ? Of(layer)[1] : null, layer.Geometry.Strides, layer.Geometry.Paddings, groups: layer.Geometry.Groups),
        NormNode { Layer: var layer, Scale: var scale } => Normalize(layer, x) * (layer.HasGain ? Of(layer)[^1] * scale : scale),
        BetaNode { Layer: var layer } => ((x * Of(layer)[0]).Softplus(1, ISoftplusKernels.Threshold) - Math.Log(2)) / Of(layer)[0],
        SoftplusNode { Beta: var beta } => x.Softplus(beta, ISoftplusKernels.Threshold),
        ReluNode => functional.relu(x),
        MaxPoolNode { Kernel: var kernel, Stride: var stride, Padding: var padding } => functional.max_pool2d(x, kernel, stride, padding),
        MeanPoolNode { Kernel: var kernel, Stride: var stride } => functional.avg_pool2d(x, kernel, stride),
        SumNode => x,
        AveragePoolNode => x.mean([2L, 3L]),
        FlattenNode => x.flatten(1),
        LinearNode { Layer: var layer } => functional.linear(x, Of(layer)[0], Of(layer)[1]),
        OwnNode { Layer: var layer } => ((IInGraph)layer.Kind).InGraph(x, layer, layer.Parameters.Count == 0 ? [] : [.. Of(layer).Zip(layer.Parameters, (value, parameter) =>
            parameter.Learns ? value : value.detach() + (value * 0))]),
        _ => throw new ArgumentOutOfRangeException(nameof(node), node, "unknown"),
    };

    private IReadOnlyList<Tensor> Of(Layer layer) => layers[layer.Index].Effective;

    private Tensor Normalize(Layer layer, Tensor x_BCHW)
    {
        if (normalization == Normalization.Running)
        {
            var prepared = layers[layer.Index];
            return functional.batch_norm(x_BCHW, prepared.RunningMean, prepared.RunningVar, null, null, training: false, eps: LipschitzBatchNorm.Epsilon);
        }

        var (mean, variance) = (zeros(x_BCHW.shape[1], dtype: x_BCHW.dtype), zeros(x_BCHW.shape[1], dtype: x_BCHW.dtype));
        _collected[layer.Index] = (mean, variance, x_BCHW.numel() / x_BCHW.shape[1]);
        return functional.batch_norm(x_BCHW, mean, variance, null, null, training: true, 1, LipschitzBatchNorm.Epsilon);
    }
}
