using ExistingModel;
using Lcnn.Distributed.Data.Catalog;
using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Model.Curvature;
using Lcnn.Distributed.Model.Modules;
using Lcnn.Distributed.Model.Modules.Conversion;
using Lcnn.Distributed.Model.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Modules;

/// <summary>What the conversion of a stock network is for, on Fashion-MNIST.</summary>
public sealed class ExistingNetworkCurvatureTests
{
    private const int Images = 20_000;
    private const int TestImages = 10_000;
    private const int MeasuredImages = 1000;
    private const int Epochs = 5;
    private const int BatchCount = 64;
    private const double LearningRate = 0.05;
    private const double Momentum = 0.9;
    private const double PenaltyWeight = 1e-3; // of the paper's table

    [Fact]
    public async Task ResNet18_ToLowCurvature_BendsLessThanHalfAsMuchAsASharpSoftplusAndIsAsAccurate()
    {
        TestTier.SkipUnlessLong();
        var data = await new DataSetLoader().LoadAsync("fashion-mnist", cancellationToken: TestContext.Current.CancellationToken);

        var low = Train(data, "low curvature", network => network.ToLowCurvature(new() { ImageShape = [1, 28, 28] }));
        var sharp = Train(data, "softplus(1e3)", network => new ModuleExchange(module => module is TorchSharp.Modules.ReLU ? Exchanged.For(nn.Softplus(1e3)) : null).Below(network));
        Train(data, "ReLU, whose Hessian misses the kinks", _ => { });

        // 2.2 times were measured (docs/csharp.md).
        Assert.True(sharp.Curvature >= 2 * low.Curvature, $"mean curvature {sharp.Curvature} of softplus(1e3), {low.Curvature} of the converted network");
        Assert.True(low.Accuracy >= sharp.Accuracy - 0.015, $"test accuracy {low.Accuracy} of the converted network, {sharp.Accuracy} of softplus(1e3)");
    }

    private static (double Accuracy, double Curvature) Train(DataSet data, string name, Action<ResNet18> convert)
    {
        set_num_threads(1);
        random.manual_seed(1);
        using var scope = NewDisposeScope();
        var ((images, labels), (testImages, testLabels)) = (Tensors(data.Train.Take(Images)), Tensors(data.Test.Take(TestImages)));
        var network = new ResNet18(1, 10);
        convert(network);
        var weights = network.parameters().Select(weight => (Weight: (Tensor)weight, Velocity: zeros_like(weight))).ToList();
        var (done, steps) = (0, Epochs * Math.Ceiling((double)Images / BatchCount));
        for (var epoch = 0; epoch < Epochs; epoch++)
        {
            network.train();
            foreach (var batch in randperm(Images, ScalarType.Int64).split(BatchCount))
            {
                using var step = NewDisposeScope();
                network.zero_grad();
                var loss = nn.functional.cross_entropy(network.call(images[batch]), labels[batch]);
                loss.PlusScaled(Penalties.Beta(network).Plus(Penalties.Gamma(network)), PenaltyWeight).backward();
                Step(weights, LearningRate / 2 * (1 + Math.Cos(Math.PI * done++ / steps))); // cosine
            }
        }

        network.eval();
        var accuracy = Accuracy(network, testImages, testLabels);
        var mean = MeanCurvature.Of(ModuleCurvature.Measure(network, testImages[..MeasuredImages], testLabels[..MeasuredImages])).Mean;
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{name}: accuracy {accuracy:P2}, mean curvature {mean.Curvature:f2}, Hessian norm {mean.HessianNorm:f2}, gradient norm {mean.GradientNorm:f3}");
        return (accuracy, mean.Curvature);
    }

    // TorchSharp's own frees numbers that libtorch still reads, once in some thousand steps: see ScalarMath.
    private static void Step(List<(Tensor Weight, Tensor Velocity)> weights, double learningRate)
    {
        using var _ = no_grad();
        foreach (var (weight, velocity) in weights.Where(pair => pair.Weight.grad is not null))
        {
            velocity.TimesInPlace(Momentum).PlusInPlace(weight.grad!);
            weight.PlusScaledInPlace(velocity, -learningRate);
        }
    }

    private static double Accuracy(ResNet18 network, Tensor images, Tensor labels)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        return images.split(250).Zip(labels.split(250)).Sum(part => network.call(part.First).argmax(1).eq(part.Second).sum().ToInt64()) / (double)labels.shape[0];
    }

    private static (Tensor Images, Tensor Labels) Tensors(ILabelledImages data)
    {
        var pixels = new float[data.Count * data.ImageLength];
        data.Gather(Enumerable.Range(0, data.Count).ToArray(), pixels);
        return (tensor(pixels, [data.Count, data.Channels, data.Height, data.Width]), tensor(data.Labels.ToArray(), ScalarType.Int64));
    }
}
