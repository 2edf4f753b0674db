using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Networks;

namespace Lcnn.Distributed.Model.Networks;

/// <summary>The activation that a network uses everywhere.</summary>
public enum ActivationKind
{
    /// <summary>Centered softplus with a learnable beta.</summary>
    CenteredSoftplus,
    /// <summary>Softplus with a fixed beta.</summary>
    Softplus,
    /// <summary>ReLU, for speed comparisons.</summary>
    Relu,
}

/// <summary>An activation.</summary>
/// <param name="Sharpness">Beta of a softplus that does not learn it.</param>
public readonly record struct Activation(ActivationKind Kind, double Sharpness = Activation.Sharp)
{
    /// <summary>The reference's "standard" (layers.py:124).</summary>
    public const double Sharp = 1e3;

    /// <summary>Its low_softplus (layers.py:119 at 5b94577).</summary>
    public const double Low = 10;
}

/// <summary>What distinguishes an LCNN from the standard net of the same shape (models/model_selector.py).</summary>
/// <param name="ConvGrid">Grid of the convolutions' spectral norm, or null without one.</param>
/// <param name="ClipsBatchNorm">Whether batch norms are gamma-Lipschitz.</param>
public sealed record NetworkStyle(Activation Activation, SpectralGrid? ConvGrid, bool ClipsBatchNorm)
{
    /// <summary>Centered softplus with learnable beta, spectral normalisation and Lipschitz batch norm.</summary>
    public static NetworkStyle LowCurvature(SpectralGrid grid = SpectralGrid.Reference) => new(new(ActivationKind.CenteredSoftplus), grid, true);

    /// <summary>The reference's standard net.</summary>
    public static NetworkStyle Standard { get; } = new(new(ActivationKind.Softplus), null, false);

    /// <summary>The standard net with ReLU.</summary>
    public static NetworkStyle Rectified { get; } = new(new(ActivationKind.Relu), null, false);

    /// <summary>The standard net with a softplus that bends a hundredth as much.</summary>
    public static NetworkStyle LowBeta { get; } = new(new(ActivationKind.Softplus, Networks.Activation.Low), null, false);

    /// <summary>The standard net with centered softplus and learnable beta.</summary>
    public static NetworkStyle Recipe { get; } = new(new(ActivationKind.CenteredSoftplus), null, false);

    /// <summary>The style of a description.</summary>
    public static NetworkStyle Of(string name, SpectralGrid grid) => name switch
    {
        NetworkStyles.LowCurvature => LowCurvature(grid),
        NetworkStyles.Rectified => Rectified,
        NetworkStyles.LowBeta => LowBeta,
        NetworkStyles.Recipe => Recipe,
        _ => Standard,
    };
}
