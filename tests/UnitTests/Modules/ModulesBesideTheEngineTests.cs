using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Modules;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Operations;
using Lcnn.Distributed.UnitTests.Golden;
using TorchSharp;
using static TorchSharp.torch;
using CenteredSoftplus = Lcnn.Distributed.Model.Modules.CenteredSoftplus;

namespace Lcnn.Distributed.UnitTests.Modules;

/// <summary>Each module beside what the engine computes of the same input and parameters, in double precision.</summary>
public sealed class ModulesBesideTheEngineTests
{
    private const double Tolerance = 1e-10;

    [Fact]
    public void CenteredSoftplus_ForwardAndBackward_IsTheEnginesOperation()
    {
        using var one = new OneThread();
        var module = new CenteredSoftplus(beta: 3, dtype: ScalarType.Float64);
        var (x, g) = (Normal(2, 3, 5, 4).mul_(4).requires_grad_(), Normal(2, 3, 5, 4));
        var layer = new BetaLayer("beta") { Index = 0 };
        using var gradients = new ParameterGradients([layer]);
        using var operation = new SoftplusOperation(layer, 3 + Lcnn.Distributed.Model.Layers.CenteredSoftplus.Epsilon);

        var y = module.call(x);
        (y * g).sum().backward();

        AssertClose(operation.Forward(x.detach()), y);
        AssertClose(operation.Backward(g, gradients)!, x.grad!);
        AssertClose(gradients.Take(0)[0] * 3, module.LogBeta.grad!);
    }

    [Theory]
    [InlineData(3, 1, 1, SpectralGrid.Reference)]
    [InlineData(3, 2, 1, SpectralGrid.Reference)]
    [InlineData(3, 2, 1, SpectralGrid.True)]
    [InlineData(1, 2, 0, SpectralGrid.Reference)]
    public void SpectralConv2d_OneTrainingStep_HasTheEnginesWeightVectorsAndGradient(int kernel, int stride, int padding, SpectralGrid grid)
    {
        using var one = new OneThread();
        var module = new SpectralConv2d(3, 5, kernel, stride, padding, bias: true, (7, 6), grid, dtype: ScalarType.Float64);
        var geometry = new ConvGeometry(3, 5, kernel, stride, padding, 7, 6);
        using var norm = new ConvSpectralNorm(geometry, grid, Buffer(module, "_u").clone(), Buffer(module, "_v").clone());
        var x = Normal(2, 3, 7, 6);

        var y = module.call(x);
        var weight = norm.IterateAndNormalize(TensorLayout.ChannelsLast(module.Weight.detach())).requires_grad_();
        var expected = nn.functional.conv2d(x, weight, module.get_parameter("bias"), [stride, stride], [padding, padding]);
        var g = Normal(y.shape);
        (y * g).sum().backward();
        (expected * g).sum().backward();

        AssertClose(expected, y);
        AssertClose(norm.U, Buffer(module, "_u"));
        AssertClose(norm.V, Buffer(module, "_v"));
        AssertClose(norm.ChainRule(weight.detach(), TensorLayout.ChannelsLast(weight.grad!)), module.Weight.grad!);
    }

    [Fact]
    public void SpectralLinear_OneTrainingStep_HasTheEnginesWeightAndVectors()
    {
        using var one = new OneThread();
        var module = new SpectralLinear(6, 4, dtype: ScalarType.Float64);
        using var norm = new LinearSpectralNorm(Buffer(module, "_u").clone(), Buffer(module, "_v").clone());
        var x = Normal(3, 6);

        var y = module.call(x);
        norm.Iterate(module.Weight);

        AssertClose(nn.functional.linear(x, norm.Normalized(module.Weight), module.get_parameter("bias")), y);
        AssertClose(norm.U, Buffer(module, "_u"));
        AssertClose(norm.V, Buffer(module, "_v"));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(0.5)]
    public void LipschitzBatchNorm2d_OneTrainingStep_HasTheEnginesOutputGradientsAndStatistics(double gamma)
    {
        using var one = new OneThread();
        var module = new LipschitzBatchNorm2d(3, gamma, dtype: ScalarType.Float64);
        var layer = new ConvLayer("conv", new ConvGeometry(3, 3, 1, 1, 0, 5, 4), bias: false, null, NormKind.Lipschitz) { Index = 0 };
        using var norm = new LipschitzBatchNorm(3, ScalarType.Float64);
        var gain = norm.Gain(module.LogLipschitz.detach());
        using var gradients = new ParameterGradients([layer]);
        using var operation = new BatchNormOperation(layer, gain.ReadDouble(), 1, halts: false);
        var (x, g) = (Normal(4, 3, 5, 4).requires_grad_(), Normal(4, 3, 5, 4));

        var y = module.call(x);
        (y * g).sum().backward();

        AssertClose(operation.Forward(TensorLayout.ChannelsLast(x.detach())), y);
        AssertClose(operation.Backward(TensorLayout.ChannelsLast(g), gradients)!, x.grad!);
        gradients.Add(layer, 0, zeros(1));
        AssertClose(norm.GainSlope(module.LogLipschitz.detach(), gain) * gradients.Take(0)[^1], module.LogLipschitz.grad!);
        norm.Update(operation.StatisticsFrom([]));
        AssertClose(norm.RunningMean, module.get_buffer("running_mean")!);
        AssertClose(norm.RunningVar, module.get_buffer("running_var")!);
    }

    /// <summary>Those of the authors' blocks that have a spectral norm and a clip.</summary>
    public static TheoryData<string> Blocks { get; } = [.. GoldenFolder.Files(GoldenFolder.ConvBlock).Where(name =>
        GoldenFolder.Scalars.GetProperty(name).GetProperty("sn").GetBoolean() && GoldenFolder.Scalars.GetProperty(name).GetProperty("clip").GetBoolean())];

    [Theory]
    [MemberData(nameof(Blocks))]
    public void SpectralConvNorm2d_TrainAndEval_HasTheReferencesOutputGradientsAndBuffers(string name)
    {
        using var one = new OneThread();
        var golden = new GoldenFile(name);
        var scalars = GoldenFolder.Scalars.GetProperty(name);
        int Get(string size) => scalars.GetProperty(size).GetInt32();
        var report = new GoldenReport();

        foreach (var mode in new[] { "train", "eval" })
        {
            // scalars.json leaves the padding out; the shape of v tells it.
            var padding = (((Get("im") - 1) * Get("s")) + Get("k") - (int)golden.Stored("state.conv.parametrizations.weight.0._v").Shape[2]) / 2;
            using var block = new SpectralConvNorm2d(new SpectralConv2d(Get("cin"), Get("cout"), Get("k"), Get("s"), padding, scalars.GetProperty("bias").GetBoolean(), (Get("im"), Get("im"))));
            block.load_state_dict(golden.Under("state.").ToDictionary(key => key, key => golden["state." + key]), strict: true);
            block.train(mode == "train");
            var x = golden["x"].requires_grad_();

            var y = block.call(x);
            (y * golden["cotangent"]).sum().backward();

            report.Check($"{mode}.y", y, golden.Stored($"{mode}.y"), Golden.Tolerance.BlockValue);
            report.Check($"{mode}.grad_x", x.grad!, golden.Stored($"{mode}.grad_x"), Golden.Tolerance.BlockGradient);
            foreach (var key in golden.Under($"{mode}.grad."))
            {
                report.Check($"{mode}.grad.{key}", block.get_parameter(key)!.grad!, golden.Stored($"{mode}.grad.{key}"), Golden.Tolerance.BlockGradient);
            }

            foreach (var key in golden.Under($"{mode}.after."))
            {
                report.Check($"{mode}.after.{key}", block.get_buffer(key)!, golden.Stored($"{mode}.after.{key}"), Golden.Tolerance.BlockValue);
            }
        }

        report.AssertWithinTolerance();
    }

    private static Tensor Buffer(nn.Module module, string name) => module.get_buffer($"parametrizations.weight.0.{name}")!;

    private static Tensor Normal(params long[] shape) => randn(shape, dtype: ScalarType.Float64, generator: new Generator(7));

    private static void AssertClose(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.shape, actual.shape);
        Assert.True((expected - actual).abs().max().ToDouble() < Tolerance, $"expected\n{expected.cstr()}\ngot\n{actual.cstr()}");
    }
}
