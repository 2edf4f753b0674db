using Lcnn.Distributed.Model.Attacks;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Stability;
using Lcnn.Distributed.UnitTests.Attacks;
using Lcnn.Distributed.UnitTests.Golden;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Stability;

public sealed class StabilityMeasurementTests
{
    [Fact]
    public void SaliencyMaps_KnownVectors_HaveTheirChangeCosineAndOverlap()
    {
        using var one = new OneThread();
        var a = tensor(new[] { 3.0, 4, 0, 0 }).view(1, 1, 2, 2);
        var b = tensor(new[] { 3.0, 0, -4, 0 }).view(1, 1, 2, 2);

        Assert.Equal(Math.Sqrt(32) / 5, SaliencyMaps.RelativeChange(a, b)[0], 1e-12);
        Assert.Equal(9.0 / 25, SaliencyMaps.Cosine(a, b)[0], 1e-12);
        Assert.Equal(0.5, SaliencyMaps.TopOverlap(a, b, 2)[0]);
        Assert.Equal(1, SaliencyMaps.TopOverlap(a, a.neg(), 2)[0]);
    }

    [Fact]
    public void Measure_LossOfKnownCurvature_StaysBelowTheBoundAndReachesTheExactChange()
    {
        using var one = new OneThread();
        // Two classes, logits (0, 1000 + x'x / 2) and label 0: the cross-entropy is x'x / 2 + 1000, its gradient x, its Hessian one.
        var classifier = new FunctionClassifier(x =>
        {
            var square = (x * x).flatten(1).sum([1L], keepdim: true).Times(0.5);
            return cat([square.Times(0), square.Plus(1000)], 1);
        });
        var x = ones([1L, 1, 4, 4], dtype: ScalarType.Float64).Times(0.5); // norm 2

        var stability = new StabilityMeasurement(1, NoiseNorm: 0.2, Draws: 5, Seed: 1).Measure(classifier, x, zeros([1L], dtype: ScalarType.Int64), [0])[0];

        Assert.Equal(0.1, stability.RelativeChange, 1e-6); // ||e|| / ||x||
        Assert.InRange(stability.RelativeChange, 0, GradientRobustness.Bound(1 / 1.8, 0.2)); // curvature 1 / ||x|| all the way
        Assert.InRange(stability.MaxSensitivity, 0, 0.02 * 4 / 2);
        Assert.InRange(stability.Cosine, 0.99, 1);
    }

    [Fact]
    public void Measure_TwiceAndInParts_IsTheSame()
    {
        using var trained = new Trained();
        using var one = new OneThread();
        var measurement = new StabilityMeasurement(40, 0.5, 2, Seed: 4);

        var forwards = Enumerable.Range(0, measurement.Batches).SelectMany(batch => measurement.Measure(trained.Network, trained.Layers, trained.Images, batch)).ToList();
        var backwards = Enumerable.Range(0, measurement.Batches).Reverse().Select(batch => measurement.Measure(trained.Network, trained.Layers, trained.Images, batch)).Reverse().SelectMany(batch => batch).ToList();

        Assert.Equal(40, forwards.Count);
        Assert.Equal(forwards, backwards);
        Assert.All(forwards, sample => Assert.True(sample is { RelativeChange: > 0, TopOverlap: > 0 and <= 1, MaxSensitivity: > 0 }));
    }
}
