using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Operations;
using Lcnn.Distributed.UnitTests.Golden;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Operations;

public sealed class BatchNormOperationTests
{
    private const double Gain = 1.3;
    private const double Scale = 0.7;

    [Fact]
    public void Passes_ByOurKernelsAndByTorchs_AgreeInEveryResult()
    {
        using var one = new OneThread();
        using var draws = new Generator(4);
        var (x, g, h, total) = (Draw(), Draw(), Draw(), Draw());
        var layer = new ConvLayer("conv", new ConvGeometry(3, 3, 1, 1, 0, 4, 5), bias: false, spectralGrid: null, NormKind.Lipschitz) { Index = 0 };
        using var ours = new BatchNormOperation(layer, Gain, Scale, halts: false);
        using var torchs = new DeviceBatchNormOperation(layer, tensor(Gain * Scale, ScalarType.Float64), Scale);

        Assert.All(Results(torchs).Zip(Results(ours)), pair => Assert.InRange(
            (pair.First - pair.Second).abs().max().ReadDouble(), 0, 1e-13 * pair.First.abs().max().ReadDouble()));
        var (theirs, own) = (torchs.StatisticsFrom(torchs.ToRead.ReadDoubles()), ours.StatisticsFrom([]));
        Assert.All(theirs.Mean.ToArray().Zip(own.Mean.ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-14));
        Assert.All(Enumerable.Range(0, 3), channel => Assert.Equal(theirs.BiasedVariance(channel), own.BiasedVariance(channel), 1e-13));

        Tensor[] Results(Operation operation)
        {
            using var gradients = new ParameterGradients([layer]);
            gradients.Add(layer, 0, zeros(layer.Geometry.WeightShape, dtype: x.dtype));
            return [operation.Forward(x), operation.BackwardToInput(g), operation.Adjoint(h), operation.Backward(total, gradients)!, gradients.Take(0)[^1]];
        }

        Tensor Draw() => TensorLayout.ChannelsLast(randn([2, 3, 4, 5], dtype: ScalarType.Float64, generator: draws).Times(3));
    }
}
