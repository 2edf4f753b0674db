using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Lcnn.Distributed.Model.Benchmarks.Peers;

/// <summary>The reference's ConvBNBlock (models/layers.py) operation by operation: power iteration and W / sigma in the forward pass, then batch norm and its gain.</summary>
internal sealed class AuthorsConvNorm(AuthorsState state, string path, ConvGeometry geometry)
{
    private const double Least = 1e-12;

    private readonly Tensor _weight = state.Decayed($"{path}.conv.parametrizations.weight.original");
    private readonly Tensor _mean = state.Buffer($"{path}.bn.running_mean");
    private readonly Tensor _variance = state.Buffer($"{path}.bn.running_var");
    private readonly Tensor _count = state.Buffer($"{path}.bn.num_batches_tracked");
    private Tensor _u = state.Buffer($"{path}.conv.parametrizations.weight.0._u");
    private Tensor _v = state.Buffer($"{path}.conv.parametrizations.weight.0._v");

    public Tensor LogLipschitz { get; } = state.Plain($"{path}.log_lipschitz");

    public Tensor Forward(Tensor x_BCHW)
    {
        using var scope = NewDisposeScope();
        var h_BCHW = Convolve(x_BCHW, NormalizedWeight());
        var scale = _variance.Plus(LipschitzBatchNorm.Epsilon).sqrt().min();
        _count.PlusInPlace(ones_like(_count));
        var unit = functional.batch_norm(h_BCHW, _mean, _variance, null, null, training: true, LipschitzBatchNorm.Momentum, LipschitzBatchNorm.Epsilon) * scale;
        return (unit * minimum(scale.reciprocal(), LogLipschitz.exp())).MoveToOuterDisposeScope();
    }

    private Tensor NormalizedWeight()
    {
        using (no_grad())
        {
            Replace(ref _v, functional.conv_transpose2d(_u, _weight, null, geometry.Strides, geometry.Paddings));
            Replace(ref _u, Convolve(_v, _weight));
        }

        var sigma = (_u.clone() * Convolve(_v.clone(), _weight)).sum();
        return sigma.ReadDouble() < Least ? _weight : _weight / sigma;
    }

    private Tensor Convolve(Tensor x_BCHW, Tensor weight) => functional.conv2d(x_BCHW, weight, null, geometry.Strides, geometry.Paddings);

    private static void Replace(ref Tensor vector, Tensor next)
    {
        var norm = Math.Max((next * next).sum().sqrt().ReadDouble(), Least);
        vector.Dispose();
        vector = next.DividedBy(norm).DetachFromDisposeScope();
    }
}
