using Lcnn.Distributed.Model.Checkpoints;
using Lcnn.Distributed.Model.Curvature;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Optimizers;
using Lcnn.Distributed.Model.Own;
using Lcnn.Distributed.Model.Training;
using Lcnn.Distributed.Networks;
using Lcnn.Distributed.UnitTests.Own;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Training;

/// <summary>The number of live tensors is of the whole process, so nothing else runs beside these.</summary>
[CollectionDefinition(nameof(TensorCount), DisableParallelization = true)]
public sealed class TensorCount;

[Collection(nameof(TensorCount))]
public sealed class TensorLeakTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Step_FiftyTimesWithoutAScope_LeavesTheNumberOfTensors(int shards)
    {
        set_num_threads(1);
        using var trainer = SmallNetwork.Trained(Precision.Full);
        var (images, labels) = SmallNetwork.Batch(16, Precision.Full);

        AssertNoLeak(50, () => trainer.Step(images, labels, SmallNetwork.Options, shards));
        images.Dispose();
        labels.Dispose();
    }

    public static TheoryData<Optimizer, double?> Optimizers { get; } = new() { { new Sgd(nesterov: true), 1 }, { new AdamW(), null }, { new AdamW(), 1 } };

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void Step_OfEachOptimizerClippedAndAveraged_LeavesTheNumberOfTensors(Optimizer optimizer, double? maximum)
    {
        set_num_threads(1);
        var network = SmallNetwork.Build();
        using var trainer = new LocalTrainer(
            network, network.Initialize(seed: 11), SmallNetwork.Objective, optimizer, network.Initialize(seed: 11), averageDecay: 0.9);
        var (images, labels) = SmallNetwork.Batch(16, Precision.Full);

        AssertNoLeak(10, () => trainer.Step(images, labels, SmallNetwork.Options with { MaxGradientNorm = maximum }));
        images.Dispose();
        labels.Dispose();
    }

    [Fact]
    public void EvaluationCurvatureAndExport_TenTimesWithoutAScope_LeaveTheNumberOfTensors()
    {
        set_num_threads(1);
        using var trainer = SmallNetwork.Trained(Precision.Full);
        var (images, labels) = SmallNetwork.Batch(4, Precision.Full);
        using var samples = new SampleBatch(images, labels);

        AssertNoLeak(10, () =>
        {
            var layers = trainer.Evaluate();
            CurvatureEstimator.Measure(trainer.Network, layers, samples, images, iterations: 3);
            layers.ToList().ForEach(layer => layer.Dispose());
            NetworkState.Import(trainer.States, NetworkState.Export(trainer.States).ToDictionary(tensor => tensor.Name), "memory");
        });
        images.Dispose();
        labels.Dispose();
    }

    [Fact]
    public void Step_WithOperationsOfOnesOwn_LeavesTheNumberOfTensors()
    {
        set_num_threads(1);
        var network = Architectures.Build(
            NetworkLayers.Describe("own", layers => layers.Conv(4).Add("gate").MaxPool().Add("writtenGate").Add("moments").Classes()),
            new Dictionary<string, long>(), new ImageShape(2, 8, 8), SmallNetwork.Classes, own: new OwnLayerKinds(new ForwardGate(), new WrittenGate(), new Moments()));
        using var trainer = new LocalTrainer(network, network.Initialize(seed: 11), SmallNetwork.Objective);
        var (images, labels) = SmallNetwork.Batch(8, Precision.Full);

        AssertNoLeak(20, () => trainer.Step(images, labels, SmallNetwork.Options, 2));
        images.Dispose();
        labels.Dispose();
    }

    [Fact]
    public void Initialize_ThenDispose_LeavesTheNumberOfTensors()
    {
        set_num_threads(1);

        AssertNoLeak(2, () => Array.ForEach(SmallNetwork.Build().Initialize(seed: 1), state => state.Dispose()));
    }

    internal static void AssertNoLeak(int times, Action action)
    {
        action();
        // Finalizers would free what leaked, and what earlier tests left.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.True(GC.TryStartNoGCRegion(200_000_000));
        var before = Tensor.TotalCount;

        for (var i = 0; i < times; i++)
        {
            action();
        }

        var after = Tensor.TotalCount;
        GC.EndNoGCRegion();
        Assert.Equal(before, after);
    }
}
