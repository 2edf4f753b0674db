using Lcnn.Distributed.Model.Certificates;
using Lcnn.Distributed.Model.Curvature;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Training;
using Lcnn.Distributed.UnitTests.Golden;
using Lcnn.Distributed.UnitTests.Training;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Certificates;

public sealed class NetworkCertificateTests(ITestOutputHelper output)
{
    private static int Networks => TestTier.IsLong ? 300 : 40;

    private static int Points => TestTier.IsLong ? 30 : 10;

    [Fact]
    public void Bounds_RandomNetworks_NoSampledHessianOrChangeOfGradientExceedsThem()
    {
        using var one = new OneThread();
        var (tightestHessian, tightestChange, tightestLoss) = (0.0, 0.0, 0.0);
        for (var seed = 0; seed < Networks; seed++)
        {
            using var scope = NewDisposeScope();
            using var random = new RandomNetwork(seed);
            var certificate = NetworkCertificate.Of(random.Network, random.Layers);
            var bound = certificate.LogitDifference(0, 1);
            var x = TensorLayout.ForKernels(random.Images(Points));
            Assert.Null(certificate.Obstacle);

            var hessians = InputDerivatives.Hessians(random.Network, random.Layers, x, iterations: 12);
            foreach (var sample in hessians)
            {
                Assert.True(sample.HessianNorm <= bound.JacobianLipschitz, $"seed {seed}: Hessian {sample.HessianNorm} > {bound.JacobianLipschitz}");
                Assert.True(sample.GradientNorm <= bound.Lipschitz, $"seed {seed}: gradient {sample.GradientNorm} > {bound.Lipschitz}");
                tightestHessian = Math.Max(tightestHessian, bound.JacobianLipschitz == 0 ? 0 : sample.HessianNorm / bound.JacobianLipschitz);
            }

            tightestChange = Math.Max(tightestChange, AssertGradientsChangeLess(random, x, bound.JacobianLipschitz, seed));
            tightestLoss = Math.Max(tightestLoss, AssertLossIsBelow(random, x, certificate, seed));
        }

        output.WriteLine($"{Networks} networks, {Points} points: largest share of the bound: Hessian {tightestHessian:F3}, change of gradient {tightestChange:F3}, Hessian of the loss {tightestLoss:F3}");
        Assert.True(tightestHessian > 0.05, "a bound that nothing comes near proves little");
    }

    [Fact]
    public void Shares_RandomNetworks_AddUpToTheBoundOfTheLogits()
    {
        using var one = new OneThread();
        for (var seed = 0; seed < 20; seed++)
        {
            using var random = new RandomNetwork(seed);
            var certificate = NetworkCertificate.Of(random.Network, random.Layers);

            Assert.Equal(certificate.Logits.JacobianLipschitz, certificate.Shares.Sum(share => share.Curvature), 1e-9 * certificate.Logits.JacobianLipschitz);
            Assert.Equal(certificate.Logits.JacobianLipschitz > 0 ? 1 : 0, certificate.Shares.Sum(share => share.Share), 1e-9);
        }
    }

    [Fact]
    public void Bounds_KinksAndMaxima_HaveALipschitzBoundThatHoldsAndNameWhatHasNoCurvature()
    {
        using var one = new OneThread();
        var kinked = 0;
        for (var seed = 0; seed < Networks; seed++)
        {
            using var scope = NewDisposeScope();
            using var random = new RandomNetwork(seed, isSmooth: false);
            var certificate = NetworkCertificate.Of(random.Network, random.Layers);
            var x = TensorLayout.ForKernels(random.Images(Points));

            var norms = Norms(InputDerivatives.Gradients(random.Network, random.Layers, x));

            Assert.All(norms, norm => Assert.True(norm <= certificate.LogitDifference(0, 1).Lipschitz, $"seed {seed}"));
            Assert.Equal(certificate.Obstacle is not null, double.IsInfinity(certificate.Logits.JacobianLipschitz));
            kinked += certificate.Obstacle is null ? 0 : 1;
        }

        Assert.InRange(kinked, 5, Networks);
    }

    [Fact]
    public void Bound_OfOneUnit_IsReached()
    {
        using var one = new OneThread();
        var builder = new NetworkBuilder(new ImageShape(1, 1, 1), NetworkStyle.LowCurvature());
        builder.Flatten();
        builder.Linear("in", 1, spectral: false);
        builder.Activation("act", new(ActivationKind.CenteredSoftplus));
        builder.Linear("head", 2, spectral: false);
        var network = builder.Build();
        var states = network.Initialize(3, Precision.Extended);
        var owners = states.Select(state => new LayerOwner(state)).ToList();
        var layers = LayerOwner.Evaluate(owners);
        var certificate = NetworkCertificate.Of(network, layers);
        var kink = layers[0].Effective[1].ReadDouble() / -layers[0].Effective[0].ReadDouble(); // where the activation's input is 0

        var hessian = InputDerivatives.Hessians(network, layers, tensor(kink, dtype: ScalarType.Float64).view(1, 1, 1, 1), iterations: 3)[0].HessianNorm;

        Assert.Equal(1, certificate.LogitDifference(0, 1).JacobianLipschitz / hessian, 1e-4);
        owners.ForEach(owner => owner.Dispose());
    }

    [Fact]
    public void LiveEstimate_WithTheCertifiedNorms_IsNotBelowTheCertificate()
    {
        using var one = new OneThread();
        var network = SmallNetwork.Build();
        using var trainer = SmallNetwork.Trained(Precision.Extended);
        var layers = trainer.Evaluate();
        var bounded = 0;
        var certificate = NetworkCertificate.Of(network, layers, () => bounded++);

        Assert.Equal(network.Layers.OfType<ConvLayer>().Count(), bounded);
        var figures = layers.Select(layer => new LayerFigures(1, layer.RunningVar is null ? 1 : layer.Gain!.Value / Math.Sqrt(layer.RunningVar.min().ReadDouble() + 1e-5), layer.Penalty.Beta)).ToList();
        var live = LiveEstimate.Of(network, figures);

        output.WriteLine($"live {live.Logits}, certified {certificate.Logits}; loosest {live.Shares.MaxBy(share => share.Curvature).Path} and {certificate.Loosest?.Path}");
        Assert.Equal(certificate.Shares.Count, live.Shares.Count);
        Assert.True(live.Logits.JacobianLipschitz > 0.5 * certificate.Logits.JacobianLipschitz);
        var found = LiveEstimate.Of(network, layers)!;
        Assert.Equal(live.Logits, found.Logits);
        Assert.Equal(live.Shares, found.Shares);
        Assert.Null(LiveEstimate.Of(Architectures.Build("resnet8", new ImageShape(1, 8, 8), 10), layers)); // its owners divide nothing
    }

    private static double AssertGradientsChangeLess(RandomNetwork random, Tensor x, double bound, int seed)
    {
        var tightest = 0.0;
        foreach (var size in new[] { 1e-3, 0.3 })
        {
            var y = x + (random.Images((int)x.shape[0]) * tensor(size, dtype: ScalarType.Float64));
            var (g, h) = (InputDerivatives.Gradients(random.Network, random.Layers, x), InputDerivatives.Gradients(random.Network, random.Layers, TensorLayout.ForKernels(y)));
            foreach (var (change, distance) in Norms(g - h).Zip(Norms(x - y)))
            {
                // Rounding of the gradients themselves, 1e-13 or so, is not the bound's.
                Assert.True(change <= (bound * distance) + 1e-12, $"seed {seed}: {change} > {bound} * {distance}");
                tightest = Math.Max(tightest, bound == 0 ? 0 : change / (bound * distance));
            }
        }

        return tightest;
    }

    private static double AssertLossIsBelow(RandomNetwork random, Tensor x, NetworkCertificate certificate, int seed)
    {
        using var samples = new SampleBatch(x, randint(0, RandomNetwork.Classes, [x.shape[0]], dtype: ScalarType.Int64));
        var curvatures = CurvatureEstimator.Measure(random.Network, random.Layers, samples, StartDirections.Of(1, [.. Enumerable.Range(0, samples.Count)], x.shape).to(ScalarType.Float64), 8);
        foreach (var sample in curvatures)
        {
            Assert.True(sample.HessianNorm <= certificate.LossHessian, $"seed {seed}: {sample.HessianNorm} > {certificate.LossHessian}");
            Assert.True(sample.GradientNorm <= certificate.LossGradient);
            Assert.True(sample.Curvature <= certificate.CurvatureAt(sample.GradientNorm));
        }

        return curvatures.Max(sample => sample.HessianNorm) / certificate.LossHessian;
    }

    private static double[] Norms(Tensor t) => t.flatten(1).norm(1).ReadDoubles();
}
