using Lcnn.Distributed.Model.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Lcnn.Distributed.Model.Networks;

/// <summary>One pass of samples through a network on given effective parameters; collects batch statistics on the way.</summary>
public sealed class ForwardPass(Normalization normalization, IReadOnlyList<PreparedLayer> layers)
{
    // momentum 1 makes torch's own running update hand out the batch's mean and unbiased variance at no extra cost.
    private const double TakeAll = 1;

    private readonly (Tensor Mean, Tensor Variance, long Count)?[] _collected = new (Tensor, Tensor, long)?[layers.Count];
    private readonly List<LayerUse> _uses = [];

    /// <summary>Whether each use of a layer gets leaves of its own, see <see cref="TakeUses"/>.</summary>
    internal bool TracksUses { get; init; }

    /// <summary>The effective parameters of a layer, for one use of all of them.</summary>
    public IReadOnlyList<Tensor> this[Layer layer]
    {
        get
        {
            var effective = layers[layer.Index].Effective;
            if (!TracksUses)
            {
                return effective;
            }

            // They live as long as the pass, not as the node that uses them.
            _uses.Add(new LayerUse(layer.Index, [.. effective.Select(tensor => tensor.detach().requires_grad_().MoveToOuterDisposeScope())]));
            return _uses[^1].Leaves;
        }
    }

    /// <summary>The uses of layers since the last call, in forward order.</summary>
    internal IReadOnlyList<LayerUse> TakeUses()
    {
        LayerUse[] uses = [.. _uses];
        _uses.Clear();
        return uses;
    }

    /// <summary>Batch norm without affine part, times a gain that all channels share.</summary>
    /// <param name="layer">The convolution that made <paramref name="x_BCHW"/>.</param>
    /// <param name="x_BCHW">Output of the convolution.</param>
    /// <param name="gain">Shape [], or null for 1.</param>
    public Tensor Normalize(ConvLayer layer, Tensor x_BCHW, Tensor? gain)
    {
        // Contiguous: the channels-last kernels read the weight as plain memory whatever its strides.
        var gain_C = gain?.expand(x_BCHW.shape[1]).contiguous();
        if (normalization == Normalization.Running)
        {
            var (mean, variance) = (layers[layer.Index].RunningMean, layers[layer.Index].RunningVar);
            return functional.batch_norm(x_BCHW, mean, variance, gain_C, null, training: false, eps: LipschitzBatchNorm.Epsilon);
        }

        // Held until Statistics, beyond the scope of the node that normalises.
        var batchMean = zeros(x_BCHW.shape[1], dtype: x_BCHW.dtype, device: x_BCHW.device).DetachFromDisposeScope();
        var batchVariance = zeros_like(batchMean).DetachFromDisposeScope();
        _collected[layer.Index] = (batchMean, batchVariance, x_BCHW.numel() / x_BCHW.shape[1]);
        return functional.batch_norm(x_BCHW, batchMean, batchVariance, gain_C, null, training: true, TakeAll, LipschitzBatchNorm.Epsilon);
    }

    /// <summary>The statistics of this pass's samples; call it after the pass, once.</summary>
    /// <returns>One entry a layer; null for layers without batch norm.</returns>
    public BatchStatistics?[] Statistics() => [.. _collected.Select(entry => entry is var (mean, variance, count)
        ? BatchStatistics.Of(count, ToDoubles(mean), ToDoubles(variance))
        : null)];

    private static double[] ToDoubles(Tensor t)
    {
        using var released = t;
        using var doubles = t.to(ScalarType.Float64, CPU);
        return doubles.data<double>().ToArray();
    }
}
