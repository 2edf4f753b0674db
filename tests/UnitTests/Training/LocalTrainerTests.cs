using Lcnn.Distributed.Model.Checkpoints;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Training;
using Lcnn.Distributed.UnitTests.Golden;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Training;

public sealed class LocalTrainerTests
{
    [Fact]
    public void Evaluate_AfterEveryStep_ChangesNoBitOfTheNext()
    {
        using var one = new OneThread();
        using var disturbed = SmallNetwork.Trained(Precision.Full);
        using var alone = SmallNetwork.Trained(Precision.Full);

        for (var step = 0; step < 5; step++)
        {
            var (images, labels) = SmallNetwork.Batch(16, Precision.Full, (ulong)step);
            disturbed.Step(images, labels, SmallNetwork.Options, shards: 4);
            alone.Step(images, labels, SmallNetwork.Options, shards: 4);
            Evaluate(disturbed, images);
            NetworkState.Export(disturbed.States);

            Assert.Equal(Bytes(alone), Bytes(disturbed));
        }
    }

    [Fact]
    public void Step_FromTheSameSeedTwice_LeavesTheSameBits()
    {
        using var one = new OneThread();
        using var first = SmallNetwork.Trained(Precision.Full);
        using var second = SmallNetwork.Trained(Precision.Full);

        Assert.Equal(Bytes(first), Bytes(second));
    }

    [Fact]
    public void Step_FromAnImportedState_GoesOnBitForBit()
    {
        using var one = new OneThread();
        using var original = SmallNetwork.Trained(Precision.Full);
        var network = SmallNetwork.Build();
        using var resumed = new LocalTrainer(network, network.Initialize(seed: 99), SmallNetwork.Objective);
        NetworkState.Import(resumed.States, NetworkState.Export(original.States).ToDictionary(tensor => tensor.Name), "memory");
        NetworkState.ImportOptimizer(resumed.States, [""], NetworkState.ExportOptimizer(original.States, [""]).ToDictionary(tensor => tensor.Name), "memory");

        for (var step = 0; step < 3; step++)
        {
            var (images, labels) = SmallNetwork.Batch(16, Precision.Full, (ulong)step);
            original.Step(images, labels, SmallNetwork.Options, shards: 2);
            resumed.Step(images, labels, SmallNetwork.Options, shards: 2);
        }

        Assert.Equal(Bytes(original), Bytes(resumed));
    }

    private static void Evaluate(LocalTrainer trainer, Tensor images)
    {
        using var _ = no_grad();
        var layers = trainer.Evaluate();
        using var parameters = new EffectiveParameters(layers, Normalization.Running);
        trainer.Network.Forward(images, parameters).Dispose();
        layers.ToList().ForEach(layer => layer.Dispose());
    }

    private static byte[] Bytes(LocalTrainer trainer) =>
        [.. NetworkState.Export(trainer.States).Concat(NetworkState.ExportOptimizer(trainer.States, [""])).SelectMany(tensor => tensor.Data.ToArray())];
}
