using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Model.Losses;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Optimizers;
using Lcnn.Distributed.Model.Training;
using Lcnn.Distributed.Networks;
using Lcnn.Distributed.UnitTests.Golden;
using TorchSharp;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Training;

/// <summary>A step on libtorch's meta device, which has shapes and devices but no numbers: what would mix devices on a GPU fails here, and every read of it is counted.</summary>
public sealed class MetaDeviceTests
{
    private const int Count = 24;

    public static MatrixTheoryData<string, LossKind, Normalization> Cases { get; } = new(
        [.. Names.Architectures.Where(name => !name.EndsWith(NetworkStyles.LowBeta, StringComparison.Ordinal) && !name.EndsWith(NetworkStyles.Recipe, StringComparison.Ordinal))],
        [LossKind.CrossEntropy, LossKind.GradientNorm, LossKind.Curvature, LossKind.CurvatureAndGradientNorm],
        [Normalization.Shard, Normalization.Global]);

    public static MatrixTheoryData<string, LossKind, Normalization> FurtherPasses { get; } = new(
        ["resnet8-lcnn", "resnet8-lowbeta", "resnet8-recipe"], [LossKind.Cure, LossKind.Adversarial], [Normalization.Shard, Normalization.Global]);

    public static TheoryData<Optimizer> Optimizers { get; } = [new Sgd(nesterov: true), new AdamW()];

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void Step_OfEachOptimizerClippedAndAveraged_StaysOnItsDeviceAndReadsTheNormsOnce(Optimizer optimizer)
    {
        using var one = new OneThread();
        using var scope = NewDisposeScope();
        var meta = new Device(DeviceType.META);
        var network = SmallNetwork.Build();
        var (states, averages) = (network.Initialize(seed: 1), network.Initialize(seed: 1));
        Array.ForEach([.. states, .. averages], state => state.MoveTo(meta));
        using var trainer = new LocalTrainer(network, states, SmallNetwork.Objective, optimizer, averages, averageDecay: 0.9);
        var (images, labels) = (zeros([Count, 2, 8, 8], device: meta), zeros([Count], dtype: ScalarType.Int64, device: meta));

        trainer.Step(images, labels, SmallNetwork.Options with { MaxGradientNorm = 1 }, shards: 2);
        var before = HostRead.CountOfThread;
        trainer.Step(images, labels, SmallNetwork.Options with { Optimizer = new OptimizerStep(0.1, Number: 2), MaxGradientNorm = 1 }, shards: 2);

        Assert.Equal(HostReads.OfAStep(network, SmallNetwork.Objective, shards: 2) + 1, HostRead.CountOfThread - before);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    [MemberData(nameof(FurtherPasses))]
    public void Step_EveryNetworkLossAndNormalization_StaysOnItsDeviceAndReadsItAsOftenAsStated(string architecture, LossKind loss, Normalization normalization)
    {
        using var one = new OneThread();
        using var scope = NewDisposeScope();
        var meta = new Device(DeviceType.META);
        var objective = SmallNetwork.Objective with { Kind = loss };
        var network = Architectures.Build(architecture, new ImageShape(1, 16, 16), SmallNetwork.Classes);
        var states = network.Initialize(seed: 1);
        Array.ForEach(states, state => state.MoveTo(meta));
        using var trainer = new LocalTrainer(network, states, objective);
        var images = zeros([Count, 1, 16, 16], device: meta);
        var labels = zeros([Count], dtype: ScalarType.Int64, device: meta);

        var before = HostRead.CountOfThread;
        trainer.Step(images, labels, SmallNetwork.Options with { Objective = objective }, shards: 2, normalization);

        Assert.Equal(HostReads.OfAStep(network, objective, shards: 2), HostRead.CountOfThread - before);
    }
}
