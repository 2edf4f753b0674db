using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Lcnn.Distributed.Model.Modules;

/// <summary>The activation of a low-curvature network: a softplus through the origin, (softplus(b x) - ln 2) / b, with a learnable sharpness b.</summary>
/// <remarks>
/// Paper eq. 3, reference models/psoftplus.py. b = exp(log_beta) + 0.001. Its slope is within 0 and 1 and its second derivative at most b/4, so
/// that a small b means little curvature; a large one is a ReLU. Above b x = 20 it is linear. One b serves all values.
/// </remarks>
public sealed class CenteredSoftplus : Module<Tensor, Tensor>
{
    private const string Name = "log_beta";

    /// <summary>Creates the activation.</summary>
    /// <param name="beta">exp(log_beta) to begin with, positive.</param>
    /// <param name="device">Where the parameter lies; the processor if null.</param>
    /// <param name="dtype">Its type; torch's default if null.</param>
    public CenteredSoftplus(double beta = Layers.CenteredSoftplus.InitialBeta, Device? device = null, ScalarType? dtype = null) : base(nameof(CenteredSoftplus))
    {
        register_parameter(Name, Parameters.LogOf(beta, device, dtype));
    }

    /// <summary>log_beta, shape []; optimizers should not decay it: <see cref="Penalties.Beta"/> does.</summary>
    public Parameter LogBeta => get_parameter(Name)!;

    /// <summary>Applies the activation.</summary>
    /// <param name="input">Any shape.</param>
    /// <returns>The same shape.</returns>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return Layers.CenteredSoftplus.Of(input, Layers.CenteredSoftplus.Beta(LogBeta)).MoveToOuterDisposeScope();
    }
}
