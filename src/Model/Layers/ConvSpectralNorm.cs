using Lcnn.Distributed.Model.Kernels;
using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Layers;

/// <summary>The operator norm of a convolution by the power method on the convolution itself, v first, then u.</summary>
/// <remarks>Reference models/conv_spectral_norm.py (after Ryu et al. 2019): u and v are images that persist between steps.</remarks>
public sealed class ConvSpectralNorm : IDisposable
{
    private const double Epsilon = 1e-12;
    private readonly ConvGeometry _geometry;
    private readonly long[] _outputPadding;

    /// <summary>Takes over u, shape [1, out channels, grid height, grid width], and v (any image of the in channels).</summary>
    public ConvSpectralNorm(ConvGeometry geometry, SpectralGrid grid, Tensor u, Tensor v)
    {
        _geometry = geometry;
        _outputPadding = grid == SpectralGrid.Reference ? [0, 0] : [TruePadding(geometry.Height, geometry.OutHeight), TruePadding(geometry.Width, geometry.OutWidth)];
        U = u;
        V = v;
    }

    /// <summary>Left singular vector, shape [1, out channels, h, w].</summary>
    public Tensor U { get; private set; }

    /// <summary>Right singular vector, shape [1, in channels, h', w'].</summary>
    public Tensor V { get; private set; }

    /// <summary>Shape of u on a grid.</summary>
    public static long[] ShapeOfU(ConvGeometry geometry, SpectralGrid grid) => grid == SpectralGrid.Reference
        ? [1, geometry.OutChannels, geometry.Height, geometry.Width]
        : [1, geometry.OutChannels, geometry.OutHeight, geometry.OutWidth];

    /// <summary>Shape that v has after the first iteration on a grid.</summary>
    public static long[] ShapeOfV(ConvGeometry geometry, SpectralGrid grid) => grid == SpectralGrid.Reference
        ? [1, geometry.InChannels, Transposed(geometry, geometry.Height), Transposed(geometry, geometry.Width)]
        : [1, geometry.InChannels, geometry.Height, geometry.Width];

    /// <summary>Runs power iterations on the current weight.</summary>
    public void Iterate(Tensor weight_OIKK, int iterations = 1)
    {
        using var _ = no_grad();
        for (var i = 0; i < iterations; i++)
        {
            using var scope = NewDisposeScope();
            UpdateU(UpdateV(weight_OIKK));
        }
    }

    /// <summary>One power iteration, then W / sigma: as <see cref="Iterate"/> and <see cref="Normalized"/>, with one convolution less.</summary>
    public Tensor IterateAndNormalize(Tensor weight_OIKK)
    {
        using var scope = NewDisposeScope();
        var response = UpdateV(weight_OIKK);
        UpdateU(response.detach());
        return SpectralScale.Divide(weight_OIKK, (U * response).sum(), Epsilon).MoveToOuterDisposeScope();
    }

    /// <summary>sigma = &lt;u, conv(v, W)&gt;, shape [], differentiable in W with u and v constant.</summary>
    public Tensor Sigma(Tensor weight_OIKK) =>
        (U * Convolution.Of(V, weight_OIKK, null, _geometry.Strides, _geometry.Paddings)).sum();

    /// <summary>W / sigma, or W itself where sigma is below 1e-12.</summary>
    public Tensor Normalized(Tensor weight_OIKK)
    {
        using var scope = NewDisposeScope();
        return SpectralScale.Divide(weight_OIKK, Sigma(weight_OIKK), Epsilon).MoveToOuterDisposeScope();
    }

    internal void MoveTo(Device device) => (U, V) = (TensorLayout.Move(U, device), TensorLayout.Move(V, device));

    /// <inheritdoc/>
    public void Dispose()
    {
        U.Dispose();
        V.Dispose();
    }

    // Returns conv(v, W), differentiable in W.
    private Tensor UpdateV(Tensor weight_OIKK)
    {
        using (no_grad())
        {
            var v = Normalize(Convolution.Transposed(U, weight_OIKK, _geometry.Strides, _geometry.Paddings, _outputPadding));
            if (v.shape.SequenceEqual(V.shape))
            {
                V.copy_(v);
            }
            else
            {
                V.Dispose();
                V = v.DetachFromDisposeScope();
            }
        }

        return Convolution.Of(V, weight_OIKK, null, _geometry.Strides, _geometry.Paddings);
    }

    private void UpdateU(Tensor response) => U.copy_(Normalize(response));

    private static Tensor Normalize(Tensor t) => t.div((t * t).sum().sqrt().AtLeast(Epsilon));

    private static long Transposed(ConvGeometry geometry, int size) => ((size - 1L) * geometry.Stride) - (2 * geometry.Padding) + geometry.Kernel;

    private long TruePadding(int size, int outSize) => size - Transposed(_geometry, outSize);
}
