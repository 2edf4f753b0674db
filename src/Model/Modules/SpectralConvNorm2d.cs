using Lcnn.Distributed.Model.Layers;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Lcnn.Distributed.Model.Modules;

/// <summary>The reference's block of a spectral convolution and its gamma-Lipschitz batch norm, under the reference's names: conv.*, bn.*, log_lipschitz.</summary>
/// <remarks>ConvBNBlock of models/layers.py: with it, state dicts go to and from the authors' code.</remarks>
public sealed class SpectralConvNorm2d : Module<Tensor, Tensor>, ILipschitzNorm
{
    [ComponentName(Name = "conv")]
    private readonly SpectralConv2d _conv;

    [ComponentName(Name = "bn")]
    private readonly BatchNorm2d _norm;

    /// <summary>Puts a batch norm without affine part after a convolution, which becomes part of the block.</summary>
    /// <param name="conv">The convolution.</param>
    /// <param name="gamma">To begin with, positive.</param>
    public SpectralConvNorm2d(SpectralConv2d conv, double gamma = LipschitzBatchNorm.InitialGamma) : base(nameof(SpectralConvNorm2d))
    {
        _conv = conv;
        var (device, dtype) = (conv.Weight.device, conv.Weight.dtype);
        _norm = StockNorms.Of(conv.Weight.shape[0], affine: false, device, dtype);
        register_parameter("log_lipschitz", Parameters.LogOf(gamma, device, dtype));
        RegisterComponents();
    }

    /// <summary>log gamma, shape [].</summary>
    public Parameter LogLipschitz => get_parameter("log_lipschitz")!;

    /// <summary>Convolves and normalises.</summary>
    /// <param name="input">Shape [batch, in, height, width].</param>
    /// <returns>Shape [batch, out, height', width'].</returns>
    public override Tensor forward(Tensor input)
    {
        using var convolved = _conv.forward(input);
        return new ClippedNorm(
            _norm.running_mean!, _norm.running_var!, _norm.num_batches_tracked!, LogLipschitz, null, null, LipschitzBatchNorm.Epsilon, LipschitzBatchNorm.Momentum)
            .Apply(convolved, training);
    }
}
