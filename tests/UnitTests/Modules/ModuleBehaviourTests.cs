using Lcnn.Distributed.Model.Curvature;
using Lcnn.Distributed.Model.Modules;
using Lcnn.Distributed.UnitTests.Golden;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Lcnn.Distributed.UnitTests.Modules;

/// <summary>What users of TorchSharp expect of a module.</summary>
public sealed class ModuleBehaviourTests
{
    private static readonly string[] _spectralKeys =
        ["bias", "parametrizations.weight.0._u", "parametrizations.weight.0._v", "parametrizations.weight.original"];

    [Fact]
    public void StateDict_OfEveryModule_HasTheReferencesNames()
    {
        Assert.Equal(_spectralKeys, Keys(new SpectralConv2d(2, 3, 3, imageSize: (8, 8))));
        Assert.Equal(_spectralKeys, Keys(new SpectralLinear(4, 3)));
        Assert.Equal(["log_lipschitz", "num_batches_tracked", "running_mean", "running_var"], Keys(new LipschitzBatchNorm2d(3)));
        Assert.Equal(["log_beta"], Keys(new CenteredSoftplus()));
        Assert.Equal(["bias", "parametrizations.weight.original"], Keys(new SpectralConv2d(2, 3, 3)));

        static IEnumerable<string> Keys(nn.Module module) => module.state_dict().Keys.Order(StringComparer.Ordinal);
    }

    [Fact]
    public void Evaluation_OfSpectralModules_LeavesTheirVectors_AndTrainingMovesThem()
    {
        using var one = new OneThread();
        var conv = new SpectralConv2d(2, 3, 3, imageSize: (8, 8));
        var before = conv.get_buffer("parametrizations.weight.0._u")!.clone();

        conv.eval();
        conv.call(rand(1, 2, 8, 8));
        Assert.True(before.Equals(conv.get_buffer("parametrizations.weight.0._u")!));
        conv.train();
        conv.call(rand(1, 2, 8, 8));
        Assert.False(before.Equals(conv.get_buffer("parametrizations.weight.0._u")!));
    }

    [Fact]
    public void SpectralModules_AfterManyIterations_HaveNormOne()
    {
        using var one = new OneThread();
        var linear = new SpectralLinear(7, 5);
        for (var i = 0; i < 200; i++)
        {
            linear.call(rand(1, 7));
        }

        Assert.Equal(1, linalg.svdvals(linear.NormalizedWeight().detach())[0].ToDouble(), 1e-4);
    }

    [Fact]
    public void Network_InDoublePrecision_TrainsAndKeepsItsCountInteger()
    {
        using var one = new OneThread();
        var network = Small().to(ScalarType.Float64);

        network.call(rand([3, 1, 8, 8], dtype: ScalarType.Float64)).sum().backward();

        Assert.All(network.parameters(), parameter => Assert.Equal(ScalarType.Float64, parameter.grad!.dtype));
        Assert.Equal(ScalarType.Int64, network.state_dict()["1.num_batches_tracked"].dtype);
        Assert.Equal(ScalarType.Int64, new LipschitzBatchNorm2d(3, dtype: ScalarType.Float64).state_dict()["num_batches_tracked"].dtype);
    }

    [Fact]
    public void Forward_TwiceBeforeOneBackward_IsDifferentiated()
    {
        using var one = new OneThread();
        var network = Small();

        (network.call(rand(3, 1, 8, 8)).sum() + network.call(rand(3, 1, 8, 8)).sum()).backward();

        Assert.All(network.parameters(), parameter => Assert.True(parameter.grad!.isfinite().all().ToBoolean()));
    }

    [Fact]
    public void SavedNetwork_LoadedIntoAFreshOne_GivesTheSameBits()
    {
        using var one = new OneThread();
        var (network, fresh, x) = (Small(), Small(), rand(3, 1, 8, 8));
        network.call(x);
        fresh.call(x);
        using var file = new MemoryStream();
        network.save(file);

        fresh.load(new MemoryStream(file.ToArray()));

        network.eval();
        fresh.eval();
        Assert.True(network.call(x).Equals(fresh.call(x)));
    }

    [Fact]
    public void BadArguments_AreNamed()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new CenteredSoftplus(beta: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LipschitzBatchNorm2d(3, gamma: -1));
        Assert.Contains("imageSize", Assert.Throws<InvalidOperationException>(() => new SpectralConv2d(1, 1, 3).NormalizedWeight()).Message);
        Assert.Contains("smaller than the kernel", Assert.Throws<ArgumentException>(() => new SpectralConv2d(1, 1, 5, imageSize: (3, 3))).Message);
        Assert.Contains("requires_grad_", Assert.Throws<ArgumentException>(() => Penalties.GradientNorm(rand(1).sum(), rand(1))).Message);
        Assert.Contains("[3, 1, 8, 8]", Assert.Throws<ArgumentException>(() => ModuleCurvature.Measure(Small(), rand(3, 1, 8, 8), zeros(2, ScalarType.Int64))).Message);
    }

    [Fact]
    public void Penalties_OfANetworkWithoutThem_AreZero()
    {
        using var one = new OneThread();

        Assert.Equal(0, Penalties.Beta(ReLU()).ToDouble());
        Assert.Equal(5 + Math.Log(10), (Penalties.Beta(Small()) + Penalties.Gamma(Small())).ToDouble(), 1e-5);
    }

    [Fact]
    public void Curvature_OfAQuadraticNetwork_IsThatOfItsExactHessian()
    {
        using var one = new OneThread();
        var network = Sequential(Flatten(), Linear(6, 4), Softplus(), Linear(4, 3)).to(ScalarType.Float64);
        network.train();
        var (x, y) = (rand([4, 1, 2, 3], dtype: ScalarType.Float64), tensor(new long[] { 0, 1, 2, 1 }));

        var measured = ModuleCurvature.Measure(network, x, y, iterations: 300);

        Assert.All(measured.Index(), sample => Assert.Equal(ExactNorm(network, x[sample.Index], y[sample.Index]), sample.Item.HessianNorm, 1e-4));
        Assert.All(network.parameters(), parameter => Assert.Null(parameter.grad));
        Assert.True(network.training);
        Assert.True(MeanCurvature.Of(measured).Mean.Curvature > 0);
    }

    private static double ExactNorm(Module<Tensor, Tensor> network, Tensor x, Tensor y)
    {
        var pixels = x.unsqueeze(0).detach().clone().requires_grad_();
        var loss = functional.cross_entropy(network.call(pixels), y.unsqueeze(0));
        var slope = autograd.grad([loss], [pixels], create_graph: true, retain_graph: true)[0].flatten();
        var rows = Enumerable.Range(0, (int)slope.numel()).Select(i => autograd.grad([slope[i]], [pixels], retain_graph: true)[0].flatten());
        return linalg.eigvalsh(stack([.. rows])).abs().max().ToDouble();
    }

    internal static Module<Tensor, Tensor> Small() => Sequential(
        new SpectralConv2d(1, 3, 3, stride: 2, padding: 1), new LipschitzBatchNorm2d(3), new CenteredSoftplus(), AdaptiveAvgPool2d(1), Flatten(), new SpectralLinear(3, 2));
}
