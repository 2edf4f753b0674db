using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Training;
using Lcnn.Distributed.UnitTests.Golden;

namespace Lcnn.Distributed.UnitTests.Training;

/// <summary>That clipping is torch's: OptimizerGoldenTests.</summary>
public sealed class GradientClippingTests
{
    [Theory]
    [InlineData(10, 1)]
    [InlineData(5, 0.9999998)]
    [InlineData(1, 0.2)]
    public void ScaleOf_LayersOfNormFive_BringsItToTheMaximumAndNeverUp(double maximum, double scale) =>
        Assert.Equal(scale, GradientClipping.ScaleOf([9, 0, 16], maximum, _ => ""), 1e-7);

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void ScaleOf_OneNormThatIsNotFinite_NamesItsLayer(double square)
    {
        var refused = Assert.Throws<NonFiniteGradientException>(() => GradientClipping.ScaleOf([1, square, 1, double.NaN], 1, layer => $"layer {layer}"));

        Assert.Equal("layer 1", refused.Layer);
    }

    [Fact]
    public void Step_ClippedToMoreThanItsNorm_LeavesTheBitsOfOneThatIsNot()
    {
        using var one = new OneThread();

        Assert.Equal(Weights(null), Weights(1e6));
        Assert.NotEqual(Weights(null), Weights(1e-3));
    }

    private static byte[] Weights(double? maximum)
    {
        using var trainer = new LocalTrainer(SmallNetwork.Build(), SmallNetwork.Build().Initialize(seed: 11), SmallNetwork.Objective);
        var (images, labels) = SmallNetwork.Batch(12, Precision.Full);
        trainer.Step(images, labels, SmallNetwork.Options with { MaxGradientNorm = maximum });
        return [.. trainer.States.SelectMany(state => state.Parameters).SelectMany(parameter => TensorLayout.ToBytes(parameter.Value))];
    }
}
