using Lcnn.Distributed.Model.Layers;

namespace Lcnn.Distributed.Model.Certificates;

/// <summary>What the layers of a network do to distances in evaluation: certified from weights, or estimated from what their owners hold.</summary>
internal interface ILayerGains
{
    /// <summary>A convolution with its batch norm by running statistics, if it has one, as one affine map.</summary>
    AffineGain Of(ConvLayer layer);

    /// <summary>A batch norm by running statistics that belongs to no convolution.</summary>
    AffineGain Of(NormLayer layer);

    /// <summary>A linear layer.</summary>
    AffineGain Of(LinearLayer layer);

    /// <summary>The sharpness of an activation.</summary>
    double Beta(BetaLayer layer);
}
