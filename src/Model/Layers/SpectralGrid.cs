namespace Lcnn.Distributed.Model.Layers;

/// <summary>The image grid on which the power method measures a convolution.</summary>
public enum SpectralGrid
{
    /// <summary>u has the input's size whatever the stride: the reference's geometry, an over-estimate for stride 2.</summary>
    Reference,

    /// <summary>u has the layer's true output size, v the input's.</summary>
    True,
}
