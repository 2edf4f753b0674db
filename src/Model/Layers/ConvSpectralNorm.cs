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
    private Tensor? _sigma; // of the last prepare

    /// <summary>Takes over u, shape [1, out channels, grid height, grid width], and v (any image of the in channels).</summary>
    public ConvSpectralNorm(ConvGeometry geometry, SpectralGrid grid, Tensor u, Tensor v)
    {
        _geometry = geometry;
        _outputPadding = grid == SpectralGrid.Reference ? [0, 0] : [TruePadding(geometry.Height, geometry.OutHeight), TruePadding(geometry.Width, geometry.OutWidth)];
        U = u;
        V = TensorLayout.InKernelOrder(v).DetachFromDisposeScope();
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

    /// <summary>One power iteration, then W / sigma without a graph: <see cref="ChainRule"/> is its derivative.</summary>
    public Tensor IterateAndNormalize(Tensor weight_OIKK)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var response = UpdateV(weight_OIKK);
        UpdateU(response);
        _sigma?.Dispose();
        _sigma = (U * response).sum().DetachFromDisposeScope();
        return (weight_OIKK / SpectralScale.Divisor(_sigma, Epsilon)).MoveToOuterDisposeScope();
    }

    /// <summary>The weight's gradient from that of W / sigma, with u and v constant: (G - &lt;G, W / sigma&gt; u patches(v)') / sigma; uses up the gradient.</summary>
    /// <param name="normalized_OIKK">What <see cref="IterateAndNormalize"/> returned last.</param>
    /// <param name="gradient_OIKK">G.</param>
    public Tensor ChainRule(Tensor normalized_OIKK, Tensor gradient_OIKK)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        var sigma = _sigma ?? throw new InvalidOperationException("the chain rule of a weight that was not normalized");
        var share_Ohw = DivideAlong(gradient_OIKK, normalized_OIKK, sigma);
        var rows = Patches.Rows(gradient_OIKK);
        rows = _geometry.Groups == 1 ? rows.addmm_(share_Ohw, PatchesOf(V), beta: 1, alpha: -1) : rows.PlusInPlace(OfGroups(share_Ohw).neg());
        return Patches.Weight(rows, _geometry.WeightShape).MoveToOuterDisposeScope();
    }

    // Divides the gradient; returns <G, W / sigma> u / sigma, 0 where W is left as it is, for there sigma has no part. Shape [O, h w].
    private Tensor DivideAlong(Tensor gradient_OIKK, Tensor normalized_OIKK, Tensor sigma)
    {
        var u_Ohw = U.view(_geometry.OutChannels, -1);
        if (WeightSweeps.Take(gradient_OIKK, normalized_OIKK))
        {
            var (number, isDivided) = sigma.ReadDouble() is >= Epsilon and var value ? (value, 1) : (1, 0);
            return u_Ohw.Times(isDivided * WeightSweeps.DotAndDivide(gradient_OIKK, normalized_OIKK, number) / number);
        }

        var divisor = SpectralScale.Divisor(sigma, Epsilon);
        var along = (gradient_OIKK * normalized_OIKK).sum() * sigma.IsAtLeast(Epsilon);
        gradient_OIKK.div_(divisor);
        return u_Ohw * (along / divisor);
    }

    /// <summary>sigma = &lt;u, conv(v, W)&gt;, shape [], differentiable in W with u and v constant.</summary>
    public Tensor Sigma(Tensor weight_OIKK) =>
        (U * Convolution.Of(V, weight_OIKK, null, _geometry.Strides, _geometry.Paddings, _geometry.Groups)).sum();

    /// <summary>W / sigma, or W itself where sigma is below 1e-12.</summary>
    public Tensor Normalized(Tensor weight_OIKK)
    {
        using var scope = NewDisposeScope();
        return (weight_OIKK / SpectralScale.Divisor(Sigma(weight_OIKK), Epsilon)).MoveToOuterDisposeScope();
    }

    internal void MoveTo(Device device)
    {
        (U, V) = (TensorLayout.Move(U, device), TensorLayout.InKernelOrder(TensorLayout.Move(V, device)));
        _sigma?.Dispose();
        _sigma = null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        U.Dispose();
        V.Dispose();
        _sigma?.Dispose();
    }

    // Returns conv(v, W).
    private Tensor UpdateV(Tensor weight_OIKK)
    {
        var v = Normalize(Convolution.Transposed(U, weight_OIKK, _geometry.Strides, _geometry.Paddings, _outputPadding, _geometry.Groups));
        if (v.shape.SequenceEqual(V.shape))
        {
            V.copy_(v);
        }
        else
        {
            V.Dispose();
            V = TensorLayout.InKernelOrder(v).DetachFromDisposeScope();
        }

        return _geometry.Groups == 1 ? Patches.Rows(weight_OIKK).mm(PatchesOf(V).t()).view(U.shape)
            : Convolution.Of(V, weight_OIKK, null, _geometry.Strides, _geometry.Paddings, _geometry.Groups);
    }

    // conv(v, W) is W times its transpose, and the derivative of <u, conv(v, W)> u times it. Shape [h w, K K I].
    private Tensor PatchesOf(Tensor v) => new Patches(_geometry.Kernel, _geometry.Stride, _geometry.Padding).Of(v);

    // The same product for each group alone, one above the other. Shape [O, K K I / groups].
    private Tensor OfGroups(Tensor share_Ohw) => cat([.. Enumerable.Range(0, _geometry.Groups).Select(group =>
        Convolution.Part(share_Ohw, 0, group, _geometry.Groups).mm(PatchesOf(Convolution.Part(V, 1, group, _geometry.Groups))))], 0);

    private void UpdateU(Tensor response) => U.copy_(Normalize(response));

    private static Tensor Normalize(Tensor t) => t.div(t.norm().AtLeast(Epsilon));

    private static long Transposed(ConvGeometry geometry, int size) => ((size - 1L) * geometry.Stride) - (2 * geometry.Padding) + geometry.Kernel;

    private long TruePadding(int size, int outSize) => size - Transposed(_geometry, outSize);
}
