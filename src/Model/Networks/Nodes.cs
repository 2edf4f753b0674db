using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Operations;
using Lcnn.Distributed.Model.Own;
using TorchSharp;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Networks;

/// <summary>Convolution of its input times a scale, which is folded into the weight instead of passing over images.</summary>
/// <param name="isFirst">Whether its input are the images.</param>
internal sealed class ConvNode(ConvLayer layer, double scale, bool isFirst) : INode
{
    public ConvLayer Layer => layer;

    public double Scale => scale;

    public Operation On(EffectiveParameters parameters, SampleDraws? draws)
    {
        var (weight, bias) = (parameters.Scaled(layer, 0, scale), layer.HasBias ? parameters.Of(layer)[1] : null);
        var givesSlope = !isFirst || parameters.ReachesImages;
        return weight.device_type == DeviceType.CPU && PatchConvOperation.Suits(layer.Geometry)
            ? new PatchConvOperation(layer, weight, bias, scale, givesSlope)
            : new ConvOperation(layer, weight, bias, scale, givesSlope);
    }
}

/// <summary>Batch norm times a scale, which is folded into the gain.</summary>
internal sealed class NormNode(Layer layer, double scale) : INode
{
    public Layer Layer => layer;

    public double Scale => scale;

    public Operation On(EffectiveParameters parameters, SampleDraws? draws) => parameters.Normalization switch
    {
        Normalization.Running => new RunningNormOperation(layer, Gain(parameters), scale, parameters.RunningMean(layer), parameters.RunningVariance(layer)),
        Normalization.Shard when parameters.OnGpu => new DeviceBatchNormOperation(layer, Gain(parameters), scale),
        var normalization => new BatchNormOperation(layer, layer.HasGain ? parameters.Gain(layer) : 1, scale, halts: normalization == Normalization.Global),
    };

    private Tensor? Gain(EffectiveParameters parameters) => layer.HasGain ? parameters.Scaled(layer, layer.EffectiveShapes.Count - 1, scale) : null;
}

/// <summary>Centered softplus with a learnable beta.</summary>
internal sealed class BetaNode(BetaLayer layer) : INode
{
    public BetaLayer Layer => layer;

    public Operation On(EffectiveParameters parameters, SampleDraws? draws) => new SoftplusOperation(layer, parameters.Beta(layer));
}

/// <summary>Plain softplus with a fixed beta (layers.py:124).</summary>
internal sealed class SoftplusNode(double beta) : INode
{
    public double Beta => beta;

    public Operation On(EffectiveParameters parameters, SampleDraws? draws) => new SoftplusOperation(null, beta);
}

internal sealed class ReluNode : INode
{
    public Operation On(EffectiveParameters parameters, SampleDraws? draws) => new ReluOperation();
}

/// <summary>The largest of every window.</summary>
internal sealed class MaxPoolNode(int kernel, int stride, int padding) : INode
{
    public int Kernel => kernel;

    public int Stride => stride;

    public int Padding => padding;

    public Operation On(EffectiveParameters parameters, SampleDraws? draws) => new MaxPoolOperation(kernel, stride, padding);
}

/// <summary>The mean of every window.</summary>
internal sealed class MeanPoolNode(int kernel, int stride) : INode
{
    public int Kernel => kernel;

    public int Stride => stride;

    public Operation On(EffectiveParameters parameters, SampleDraws? draws) => new MeanPoolOperation(kernel, stride);
}

/// <summary>The sum of its sources.</summary>
internal sealed class SumNode : INode
{
    public Operation On(EffectiveParameters parameters, SampleDraws? draws) => new SumOperation();
}

/// <summary>Mean over the image: [B, C, H, W] to [B, C].</summary>
internal sealed class AveragePoolNode : INode
{
    public Operation On(EffectiveParameters parameters, SampleDraws? draws) => new AveragePoolOperation();
}

/// <summary>[B, C, H, W] to [B, C H W] in row-major order.</summary>
internal sealed class FlattenNode : INode
{
    public Operation On(EffectiveParameters parameters, SampleDraws? draws) => new FlattenOperation();
}

internal sealed class LinearNode(LinearLayer layer) : INode
{
    public LinearLayer Layer => layer;

    public Operation On(EffectiveParameters parameters, SampleDraws? draws) => new LinearOperation(layer, parameters.Of(layer)[0], parameters.Of(layer)[1]);
}

/// <summary>Leaves numbers out at random in training; elsewhere it hands on what it is given.</summary>
/// <param name="index">Which dropout of the network it is.</param>
internal sealed class DropoutNode(double rate, int index) : INode
{
    public double Rate => rate;

    public Operation On(EffectiveParameters parameters, SampleDraws? draws) => new DropoutOperation(rate, index, draws);
}

/// <summary>An operation of a program's own.</summary>
internal sealed class OwnNode(OwnLayer layer) : INode
{
    public OwnLayer Layer => layer;

    public Operation On(EffectiveParameters parameters, SampleDraws? draws) => new OwnOperation(layer, layer.Parameters.Count > 0 ? parameters.Of(layer) : []);
}
