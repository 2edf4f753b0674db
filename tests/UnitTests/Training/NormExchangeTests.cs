using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Losses;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Operations;
using Lcnn.Distributed.Model.Training;
using Lcnn.Distributed.UnitTests.Golden;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Training;

/// <summary>How often the shards of a step exchange sums for global batch norm, and how much (docs/internals.md, "How one step travels").</summary>
public sealed class NormExchangeTests
{
    private const int Shards = 2;
    private const int Count = 2;

    [Theory]
    [InlineData("resnet8-lcnn", LossKind.Curvature, 7)]
    [InlineData("resnet8-lcnn", LossKind.CurvatureAndGradientNorm, 7)]
    [InlineData("resnet18-lcnn", LossKind.Curvature, 17)]
    [InlineData("resnet18-lcnn", LossKind.CurvatureAndGradientNorm, 17)]
    public void Step_GlobalBatchNorm_ExchangesAsOftenAndAsMuchAsStated(string architecture, LossKind loss, int meetings)
    {
        using var one = new OneThread();
        var network = Architectures.Build(architecture, new ImageShape(1, 8, 8), 10);
        var objective = new Objective(loss, 1e-3, 1e-3, 1e-3);
        using var trainer = new LocalTrainer(network, network.Initialize(seed: 1), objective);
        var layers = trainer.Evaluate();
        using var computation = new ShardComputation(network, objective, layers, Shards * Count, Normalization.Global);
        using var pool = new ComputeThreads(1, "test");
        var (exchanges, bytes) = (0, 0L);

        new Lockstep(Normalization.Global, pool.Run, Total).Run(Shards, shard =>
        {
            using var scope = NewDisposeScope();
            using var draws = new Generator((ulong)shard);
            return computation.Begin(
                new SampleBatch(randn([Count, 1, 8, 8], generator: draws), full(Count, 0, dtype: ScalarType.Int64)), (_, gradient) => gradient.Dispose());
        });

        var convs = network.Layers.OfType<ConvLayer>().ToList();
        var channels = convs.Sum(conv => conv.Geometry.OutChannels);
        var passes = objective.HasGradientNorm ? 4 : 2;
        Assert.Equal(passes * meetings, exchanges); // the batch norm of a shortcut shares one with the block's
        Assert.Equal((objective.HasGradientNorm ? 9 : 4) * sizeof(double) * channels, bytes);
        Array.ForEach([.. layers], layer => layer.Dispose());

        NormShare[] Total(int halt, IReadOnlyList<NormShare[]> shares)
        {
            exchanges++;
            bytes += shares[0].Sum(share => share.ByteCount);
            return SummationTree.Total(shares, NormShare.Merge);
        }
    }
}
