using Lcnn.Distributed.Model.Kernels;
using Lcnn.Distributed.Model.Layers;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Operations;

/// <summary>The same as <see cref="ConvOperation"/> by matrix products over patches: where images are small, oneDNN's convolutions take up to four times as long on the processor.</summary>
/// <remarks>With P the patches of x and W one row for every output channel: y = P W' + b, J'g sums g W over the places of the kernel, dW = g'P.</remarks>
/// <param name="weight">s W, shape [out, in, kernel, kernel], channels-last.</param>
/// <param name="bias">Shape [out], or null.</param>
/// <param name="scale">s.</param>
/// <param name="givesSlope">Whether the plain backward pass goes on to the input: not at the first layer.</param>
internal sealed class PatchConvOperation(ConvLayer layer, Tensor weight, Tensor? bias, double scale, bool givesSlope) : Operation
{
    // Measured with 256 and 512 channels: with 7x7 places there is nothing to be had any more.
    private const int MostPlaces = 16;

    private readonly Patches _patches = new(layer.Geometry.Kernel, layer.Geometry.Stride, layer.Geometry.Padding);
    private Tensor? _x_BIHW;
    private Tensor? _g_BOhw;
    private Tensor? _weightGradient; // of the adjoint pass

    private ConvGeometry Geometry => layer.Geometry;

    private Tensor Weight => Patches.Rows(weight);

    /// <summary>Whether it is the faster one.</summary>
    public static bool Suits(ConvGeometry geometry) => geometry.Groups == 1 && geometry.OutHeight * geometry.OutWidth <= MostPlaces;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        _x_BIHW = KeepAlias(x);
        return Convolve(_patches.Of(x), bias).DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor BackwardToInput(Tensor g)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        _g_BOhw = KeepAlias(g);
        return SlopeOfInput(g).DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor Adjoint(Tensor h)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var patches = _patches.Of(h);
        Replace(ref _weightGradient, Patches.Weight(Rows(_g_BOhw!).t().mm(patches), Geometry.WeightShape));
        return Convolve(patches, null).DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor? Backward(Tensor g, ParameterGradients? gradients)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        if (gradients is not null)
        {
            var rows = Rows(g);
            var ofWeight = Patches.Weight(rows.t().mm(_patches.Of(_x_BIHW!)), Geometry.WeightShape);
            gradients.AddConvolution(layer, ofWeight, _weightGradient, scale, bias is null ? null : rows.sum([0L]));
        }

        return givesSlope ? SlopeOfInput(g).DetachFromDisposeScope() : null;
    }

    private Tensor Convolve(Tensor patches, Tensor? b)
    {
        var y = b is null ? patches.mm(Weight.t()) : b.addmm(patches, Weight.t(), beta: 1, alpha: 1);
        return y.view(-1, Geometry.OutHeight, Geometry.OutWidth, Geometry.OutChannels).permute(0, 3, 1, 2);
    }

    private Tensor SlopeOfInput(Tensor g) => _patches.Sum(
        Rows(g).mm(Weight), [g.shape[0], Geometry.InChannels, Geometry.Height, Geometry.Width], Geometry.OutHeight, Geometry.OutWidth);

    // Shape [B h w, O].
    private static Tensor Rows(Tensor t_BOhw) => t_BOhw.permute(0, 2, 3, 1).reshape(-1, t_BOhw.shape[1]);
}
