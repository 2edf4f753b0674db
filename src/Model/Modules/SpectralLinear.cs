using Lcnn.Distributed.Model.Layers;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Lcnn.Distributed.Model.Modules;

/// <summary>A linear layer whose weight is divided by its largest singular value: W / sigma.</summary>
/// <remarks>
/// As torch's parametrizations.spectral_norm, which the reference uses: one power iteration in every forward pass in training mode, u first, then v.
/// Names in the state dict: parametrizations.weight.original, parametrizations.weight.0._u, parametrizations.weight.0._v, bias.
/// </remarks>
public sealed class SpectralLinear : Module<Tensor, Tensor>
{
    private const string Bias = "bias";
    [ComponentName(Name = "parametrizations")]
    private readonly Parametrizations _parametrizations;

    /// <summary>Creates a layer with torch's initial weights (torch.manual_seed decides them).</summary>
    /// <param name="inFeatures">Features of the input.</param>
    /// <param name="outFeatures">Features of the output.</param>
    /// <param name="bias">Whether there is a bias.</param>
    /// <param name="device">Where parameters lie; the processor if null.</param>
    /// <param name="dtype">Their type; torch's default if null.</param>
    public SpectralLinear(int inFeatures, int outFeatures, bool bias = true, Device? device = null, ScalarType? dtype = null)
        : this(Linear(inFeatures, outFeatures, bias, device, dtype))
    {
    }

    /// <summary>Takes over the numbers of a layer.</summary>
    internal SpectralLinear(Linear stock) : base(nameof(SpectralLinear))
    {
        _parametrizations = new Parametrizations(stock.weight!, stock.weight!.requires_grad);
        RegisterComponents();
        if (stock.bias is { } bias)
        {
            register_parameter(Bias, Parameters.Of(bias, bias.requires_grad));
        }

        Begin();
    }

    /// <summary>W, shape [out, in]: what the optimizer changes.</summary>
    public Parameter Weight => _parametrizations.Weight.Original;

    /// <summary>W / sigma as the last training pass left u and v, shape [out, in], differentiable.</summary>
    public Tensor NormalizedWeight()
    {
        using var norm = Norm();
        return norm.Normalized(Weight);
    }

    /// <summary>Multiplies, after one power iteration in training mode.</summary>
    /// <param name="input">Shape [..., in].</param>
    /// <returns>Shape [..., out].</returns>
    public override Tensor forward(Tensor input)
    {
        if (training)
        {
            Iterate(1);
        }

        using var weight = NormalizedWeight();
        return functional.linear(input, weight, get_parameter(Bias));
    }

    private SingularVectors Vectors => _parametrizations.Weight.Vectors;

    private void Begin()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var weight = Weight;
        var (u, v) = (Direction(weight.shape[0]), Direction(weight.shape[1]));
        Vectors.Begin(u, v);
        Iterate(Initializer.RegistrationIterations);

        Tensor Direction(long features)
        {
            var direction = randn(features, dtype: weight.dtype, device: weight.device);
            return direction.div_(direction.norm());
        }
    }

    private void Iterate(int iterations)
    {
        using var norm = Norm();
        norm.Iterate(Weight, iterations);
        Vectors.Store(norm.U, norm.V);
    }

    // On copies: a graph that is not differentiated yet may still need the numbers that buffers had.
    private LinearSpectralNorm Norm() => new(Vectors.U.clone(), Vectors.V.clone());
}
