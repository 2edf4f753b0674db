using System.Runtime.InteropServices;
using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Operations;

/// <summary>y = m x, with each number of m zero with probability p and else 1 / (1 - p), drawn anew for every sample and epoch; linear, so that every pass is the same product.</summary>
/// <param name="rate">p, from 0 to below 1.</param>
/// <param name="layer">Which dropout of the network it is.</param>
/// <param name="draws">Of the shard's samples; null leaves nothing out.</param>
internal sealed class DropoutOperation(double rate, int layer, SampleDraws? draws) : Operation
{
    private Tensor? _mask;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        _mask = draws is null ? null : Keep(InLayoutOf(x, Draw(draws, x.shape).to(x.dtype).to(x.device)));
        return Times(x).DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor BackwardToInput(Tensor g) => Times(g);

    /// <inheritdoc/>
    public override Tensor Adjoint(Tensor h) => Times(h);

    /// <inheritdoc/>
    public override Tensor Backward(Tensor g, ParameterGradients? gradients) => Times(g);

    private Tensor Times(Tensor t)
    {
        using var _ = no_grad();
        return _mask is null ? t.clone() : t * _mask;
    }

    private static Tensor InLayoutOf(Tensor x, Tensor mask) => x.dim() == 4 ? TensorLayout.ForKernels(mask) : mask;

    // In the order of [C, H, W], whatever the memory is.
    private Tensor Draw(SampleDraws of, long[] shape)
    {
        var mask = empty(shape, dtype: ScalarType.Float32);
        var numbers = MemoryMarshal.Cast<byte, float>(mask.bytes);
        var size = numbers.Length / of.Count;
        var kept = (float)(1 / (1 - rate));
        for (var sample = 0; sample < of.Count; sample++)
        {
            var source = of.Of(sample, layer);
            foreach (ref var number in numbers.Slice(sample * size, size))
            {
                number = source.NextDouble() < rate ? 0 : kept;
            }
        }

        return mask;
    }
}
