using Lcnn.Distributed.Model.Layers;

namespace Lcnn.Distributed.Model.Modules.Conversion;

/// <summary>How <see cref="LowCurvatureConversion.ToLowCurvature"/> treats a network.</summary>
public sealed record LowCurvatureOptions
{
    /// <summary>exp(log_beta) of every activation to begin with.</summary>
    public double Beta { get; init; } = Layers.CenteredSoftplus.InitialBeta;

    /// <summary>gamma of every batch norm to begin with.</summary>
    public double Gamma { get; init; } = LipschitzBatchNorm.InitialGamma;

    /// <summary>Size of the images that the power iterations of convolutions keep.</summary>
    public SpectralGrid Grid { get; init; } = SpectralGrid.Reference;

    /// <summary>
    /// Channels, rows and columns of an image, for one forward pass at the conversion: then singular vectors are part of the state dict from the start,
    /// and the running statistics of a trained network follow its normalised weights. Null: both begin with the first batch.
    /// </summary>
    public IReadOnlyList<int>? ImageShape { get; init; }
}
