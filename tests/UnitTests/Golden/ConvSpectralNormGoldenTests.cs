using System.Text.Json;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Golden;

public sealed class ConvSpectralNormGoldenTests
{
    private const int ConstructorIterations = 15;

    [Theory]
    [MemberData(nameof(GoldenFolder.Cases), GoldenFolder.ConvSpectralNorm, MemberType = typeof(GoldenFolder))]
    public void ReferenceGrid_AfterEveryIterationCount_HasTheReferencesVectorsWeightsAndGradients(string name)
    {
        using var one = new OneThread();
        var golden = new GoldenFile(name);
        var scalars = GoldenFolder.Scalars.GetProperty("conv_sn").GetProperty(name);
        var bound = scalars.GetProperty("exact_top3_singular_values_of_op_seen_by_power_method")[0].GetDouble();
        var weight = golden["weight"].requires_grad_();
        using var norm = new ConvSpectralNorm(Geometry(scalars), SpectralGrid.Reference, golden["u_init"], golden["v_init"]);
        var report = new GoldenReport();

        norm.Iterate(weight, ConstructorIterations);
        var done = 0;
        foreach (var count in golden.Counts("it"))
        {
            norm.Iterate(weight, count - done);
            done = count;
            var sigma = norm.Sigma(weight);
            var normalized = norm.Normalized(weight);

            report.Check($"it{count}.u", norm.U, golden.Stored($"it{count}.u"), Tolerance.SpectralNorm);
            report.Check($"it{count}.v", norm.V, golden.Stored($"it{count}.v"), Tolerance.SpectralNorm);
            report.Check($"it{count}.sigma", sigma, golden.Stored($"it{count}.sigma"), Tolerance.SpectralNorm);
            report.Check($"it{count}.weight_normalized", normalized, golden.Stored($"it{count}.weight_normalized"), Tolerance.SpectralNorm);
            report.Check(
                $"it{count}.grad_weight", autograd.grad([(normalized * golden["R"]).sum()], [weight])[0],
                golden.Stored($"it{count}.grad_weight"), Tolerance.SpectralNorm);
            // The power method approaches from below; 1e-5 is float32 rounding of a sum.
            Assert.InRange(sigma.ReadDouble(), 0, bound * (1 + 1e-5));
        }

        report.AssertWithinTolerance();
    }

    [Theory]
    [MemberData(nameof(GoldenFolder.Cases), GoldenFolder.ConvSpectralNorm, MemberType = typeof(GoldenFolder))]
    public void TrueGrid_AfterManyIterations_HasTheNormOfTheLayerAtItsRealInput(string name)
    {
        using var one = new OneThread();
        var golden = new GoldenFile(name);
        var scalars = GoldenFolder.Scalars.GetProperty("conv_sn").GetProperty(name);
        var exact = scalars.GetProperty("exact_top3_singular_values_of_layer_at_im_size");
        var (expected, second) = (exact[0].GetDouble(), exact[1].GetDouble());
        var geometry = Geometry(scalars);
        var weight = golden["weight"].to(ScalarType.Float64);
        using var draws = new Generator(7);
        using var norm = new ConvSpectralNorm(
            geometry, SpectralGrid.True,
            randn(ConvSpectralNorm.ShapeOfU(geometry, SpectralGrid.True), dtype: ScalarType.Float64, generator: draws),
            zeros(ConvSpectralNorm.ShapeOfV(geometry, SpectralGrid.True), dtype: ScalarType.Float64));

        norm.Iterate(weight, 3000);

        // In double; what is left is convergence, which is slow between two close singular values.
        Assert.Equal(expected, norm.Sigma(weight).ReadDouble(), expected * (second > expected * 0.999 ? 1e-3 : 1e-5));
    }

    private static ConvGeometry Geometry(JsonElement scalars)
    {
        int Get(string size) => scalars.GetProperty(size).GetInt32();
        return new ConvGeometry(Get("cin"), Get("cout"), Get("k"), Get("s"), Get("padding"), Get("im"), Get("im"));
    }
}
