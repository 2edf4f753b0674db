using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Networks;

namespace Lcnn.Distributed.Model.Networks;

/// <summary>The activation that a network uses everywhere.</summary>
public enum ActivationKind
{
    /// <summary>Centered softplus with a learnable beta.</summary>
    CenteredSoftplus,
    /// <summary>Softplus with beta 1e3, the reference's standard.</summary>
    SharpSoftplus,
    /// <summary>ReLU, for speed comparisons.</summary>
    Relu,
}

/// <summary>What distinguishes an LCNN from the standard net of the same shape (models/model_selector.py).</summary>
/// <param name="ConvGrid">Grid of the convolutions' spectral norm, or null without one.</param>
/// <param name="ClipsBatchNorm">Whether batch norms are gamma-Lipschitz.</param>
public sealed record NetworkStyle(ActivationKind Activation, SpectralGrid? ConvGrid, bool ClipsBatchNorm)
{
    /// <summary>Centered softplus with learnable beta, spectral normalisation and Lipschitz batch norm.</summary>
    public static NetworkStyle LowCurvature(SpectralGrid grid = SpectralGrid.Reference) => new(ActivationKind.CenteredSoftplus, grid, true);

    /// <summary>The reference's standard net.</summary>
    public static NetworkStyle Standard { get; } = new(ActivationKind.SharpSoftplus, null, false);

    /// <summary>The standard net with ReLU.</summary>
    public static NetworkStyle Rectified { get; } = new(ActivationKind.Relu, null, false);

    /// <summary>The style of a description.</summary>
    public static NetworkStyle Of(string name, SpectralGrid grid) => name switch
    {
        NetworkStyles.LowCurvature => LowCurvature(grid),
        NetworkStyles.Rectified => Rectified,
        _ => Standard,
    };
}
