using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Golden;

public sealed class LinearSpectralNormGoldenTests
{
    private const int ConstructorIterations = 15;

    [Theory]
    [MemberData(nameof(GoldenFolder.Cases), GoldenFolder.LinearSpectralNorm, MemberType = typeof(GoldenFolder))]
    public void LinearSpectralNorm_AfterEveryIterationCount_HasTheReferencesVectorsWeightsAndGradients(string name)
    {
        using var one = new OneThread();
        var golden = new GoldenFile(name);
        var scalars = GoldenFolder.Scalars.GetProperty("linear_sn").GetProperty(name);
        var bound = scalars.GetProperty("exact_top3_singular_values")[0].GetDouble();
        var weight = golden["weight"].requires_grad_();
        using var norm = new LinearSpectralNorm(golden["u_init"], golden["v_init"]);
        var report = new GoldenReport();

        norm.Iterate(weight, ConstructorIterations);
        var done = 0;
        foreach (var count in golden.Counts("it"))
        {
            norm.Iterate(weight, count - done);
            done = count;
            var sigma = norm.Sigma(weight);
            var normalized = norm.Normalized(weight);
            var output = nn.functional.linear(golden["x"], normalized, golden["bias"]);

            report.Check($"it{count}.u", norm.U, golden.Stored($"it{count}.u"), Tolerance.SpectralNorm);
            report.Check($"it{count}.v", norm.V, golden.Stored($"it{count}.v"), Tolerance.SpectralNorm);
            report.Check($"it{count}.sigma", sigma, golden.Stored($"it{count}.sigma"), Tolerance.SpectralNorm);
            report.Check($"it{count}.weight_normalized", normalized, golden.Stored($"it{count}.weight_normalized"), Tolerance.SpectralNorm);
            report.Check($"it{count}.linear_out", output, golden.Stored($"it{count}.linear_out"), Tolerance.SpectralNorm);
            report.Check(
                $"it{count}.grad_weight", autograd.grad([(normalized * golden["R"]).sum()], [weight])[0],
                golden.Stored($"it{count}.grad_weight"), Tolerance.SpectralNorm);
            // The power method approaches from below; 1e-5 is float32 rounding of a sum.
            Assert.InRange(sigma.ReadDouble(), 0, bound * (1 + 1e-5));
        }

        report.AssertWithinTolerance();
    }
}
