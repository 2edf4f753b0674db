using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Operations;

namespace Lcnn.Distributed.Model.Networks;

/// <summary>Convolution of its input times a scale, which is folded into the weight instead of passing over images.</summary>
/// <param name="isFirst">Whether its input are the images.</param>
internal sealed class ConvNode(ConvLayer layer, double scale, bool isFirst) : INode
{
    public ConvLayer Layer => layer;

    public double Scale => scale;

    public Operation On(EffectiveParameters parameters) => new ConvOperation(
        layer,
        parameters.Scaled(layer, 0, scale),
        layer.HasBias ? parameters.Of(layer)[1] : null,
        scale,
        givesSlope: !isFirst || parameters.ReachesImages);
}

/// <summary>Batch norm times a scale, which is folded into the gain.</summary>
internal sealed class NormNode(ConvLayer layer, double scale) : INode
{
    public ConvLayer Layer => layer;

    public double Scale => scale;

    public Operation On(EffectiveParameters parameters)
    {
        var gain = layer.HasGain ? parameters.Scaled(layer, layer.EffectiveShapes.Count - 1, scale) : null;
        return parameters.Normalization switch
        {
            Normalization.Shard => new BatchNormOperation(layer, gain, scale),
            Normalization.Global => new GlobalBatchNormOperation(layer, gain, scale),
            _ => new RunningNormOperation(layer, gain, scale, parameters.RunningMean(layer), parameters.RunningVariance(layer)),
        };
    }
}

/// <summary>Centered softplus with a learnable beta.</summary>
internal sealed class BetaNode(BetaLayer layer) : INode
{
    public BetaLayer Layer => layer;

    public Operation On(EffectiveParameters parameters) => new SoftplusOperation(layer, parameters.Beta(layer));
}

/// <summary>The reference's "standard" activation: plain softplus with beta 1e3 (layers.py:124).</summary>
internal sealed class SharpSoftplusNode : INode
{
    private const double Beta = 1e3;

    public Operation On(EffectiveParameters parameters) => new SoftplusOperation(null, Beta);
}

internal sealed class ReluNode : INode
{
    public Operation On(EffectiveParameters parameters) => new ReluOperation();
}

internal sealed class MaxPoolNode : INode
{
    public Operation On(EffectiveParameters parameters) => new MaxPoolOperation();
}

/// <summary>Mean over the image: [B, C, H, W] to [B, C].</summary>
internal sealed class AveragePoolNode : INode
{
    public Operation On(EffectiveParameters parameters) => new AveragePoolOperation();
}

/// <summary>[B, C, H, W] to [B, C H W] in row-major order.</summary>
internal sealed class FlattenNode : INode
{
    public Operation On(EffectiveParameters parameters) => new FlattenOperation();
}

internal sealed class LinearNode(LinearLayer layer) : INode
{
    public LinearLayer Layer => layer;

    public Operation On(EffectiveParameters parameters) => new LinearOperation(layer, parameters.Of(layer)[0], parameters.Of(layer)[1]);
}
