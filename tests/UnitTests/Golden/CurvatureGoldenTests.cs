using System.Text.Json;
using Lcnn.Distributed.Model.Curvature;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Training;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Golden;

public sealed class CurvatureGoldenTests
{
    [Theory]
    [MemberData(nameof(GoldenFolder.Cases), GoldenFolder.Network, MemberType = typeof(GoldenFolder))]
    public void Estimator_AfterEveryIterationCount_HasTheReferencesRayleighQuotients(string name)
    {
        using var one = new OneThread();
        var tiny = new TinyNetwork(name);
        var report = new GoldenReport();

        foreach (var count in tiny.Golden.Counts("curv.it"))
        {
            var samples = Measure(tiny, Precision.Full, count);
            void Check(string quantity, Func<SampleCurvature, double> value, Tolerance tolerance) => report.Check(
                $"curv.it{count}.{quantity}", tensor(samples.Select(value).ToArray()), tiny.Golden.Stored($"curv.it{count}.{quantity}"), tolerance);

            Check("gnorm", sample => sample.GradientNorm, Tolerance.GradientNorm);
            Check("hessian", sample => sample.RayleighHessianNorm, Tolerance.Hessian(count));
            Check("curvature", sample => sample.RayleighCurvature, Tolerance.Hessian(count));
        }

        report.AssertWithinTolerance();
    }

    [Theory]
    [MemberData(nameof(GoldenFolder.Cases), GoldenFolder.Network, MemberType = typeof(GoldenFolder))]
    public void Estimator_AfterManyIterations_ReportsTheExactSpectralNormOfTheHessian(string name)
    {
        using var one = new OneThread();
        var tiny = new TinyNetwork(name);
        var exact = tiny.Scalars.GetProperty("exact_hessian_spectral_norm_float64");
        var hasExact = exact.ValueKind == JsonValueKind.Array;

        var samples = Measure(tiny, Precision.Extended, hasExact ? 500 : 10);

        // Cauchy and Schwarz: all that can be said of a network whose input is too large for an exact Hessian.
        Assert.All(samples, sample => Assert.True(sample.HessianNorm >= sample.RayleighHessianNorm));
        if (hasExact)
        {
            // u <- Hu / (||Hu|| + 1e-6) settles at ||Hu|| = ||H|| - 1e-6: a tenth of the Hessians of a fresh net.
            Assert.All(samples.Zip(exact.EnumerateArray().Select(value => value.GetDouble())), pair =>
                Assert.Equal(pair.Second - 1e-6, pair.First.HessianNorm, 1e-2 * pair.Second));
        }
    }

    private static IReadOnlyList<SampleCurvature> Measure(TinyNetwork tiny, Precision precision, int iterations)
    {
        var states = tiny.Network.Initialize(seed: 0, precision);
        tiny.Golden.LoadState(states);
        using var trainer = new LocalTrainer(tiny.Network, states, tiny.Objective("ce"));
        var layers = trainer.Evaluate();
        using var samples = new SampleBatch(tiny.Golden["x"][0].to(precision.ToScalarType()), tiny.Golden["y"][0]);

        var measured = CurvatureEstimator.Measure(tiny.Network, layers, samples, tiny.Golden["curv.u"].to(precision.ToScalarType()), iterations);
        foreach (var layer in layers)
        {
            layer.Dispose();
        }

        return measured;
    }
}
