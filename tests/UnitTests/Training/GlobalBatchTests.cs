using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Losses;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Training;
using Lcnn.Distributed.UnitTests.Golden;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Training;

/// <summary>design.md, promise P2: the loss on N workers is the loss on one.</summary>
public sealed class GlobalBatchTests
{
    // Double and float rounding of sums over a batch, with the 1e5 of the gradient-norm term in it.
    public static MatrixTheoryData<int, Precision> Cases { get; } = new([2, 4, 8], [Precision.Extended, Precision.Full]);

    [Theory]
    [MemberData(nameof(Cases))]
    public void FrozenStatistics_AnyNumberOfShards_GiveTheLossTermsAndGradientsOfOne(int shards, Precision precision)
    {
        using var one = new OneThread();
        using var trainer = SmallNetwork.Trained(precision);
        var (images, labels) = SmallNetwork.Batch(27, precision);
        var (expected, expectedTerms) = trainer.Differentiate(images, labels, 1, Normalization.Running);

        var (actual, terms) = trainer.Differentiate(images, labels, shards, Normalization.Running);

        var tolerance = precision == Precision.Extended ? 1e-12 : 1e-5;
        AssertClose(expectedTerms.Loss, terms.Loss, tolerance);
        AssertClose(expectedTerms.CrossEntropy, terms.CrossEntropy, tolerance);
        AssertClose(expectedTerms.GradientNorm, terms.GradientNorm, tolerance);
        AssertClose(expectedTerms.BetaTerm, terms.BetaTerm, tolerance);
        AssertClose(expectedTerms.GammaTerm, terms.GammaTerm, tolerance);
        Assert.Equal((expectedTerms.Correct, 27), (terms.Correct, terms.Samples));
        Assert.All(expected.Layers.Zip(actual.Layers), pair => AssertClose(pair.First.Flat(), pair.Second.Flat(), tolerance));
        expected.Dispose();
        actual.Dispose();
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void GradientNorm_AveragedOverReplicasAsDataParallelTrainingDoes_IsTheSquareOfTheReplicasTooLarge(int replicas)
    {
        using var one = new OneThread();
        using var trainer = SmallNetwork.Trained(Precision.Extended);
        var (images, labels) = SmallNetwork.Batch(32, Precision.Extended);
        var (gradient, terms) = trainer.Differentiate(images, labels, replicas, Normalization.Running);
        var layers = trainer.Evaluate();
        var size = 32 / replicas;

        var naive = Enumerable.Range(0, replicas).Average(replica =>
        {
            using var computation = new ShardComputation(trainer.Network, SmallNetwork.Objective, layers, size, Normalization.Running);
            using var own = computation.Compute(new SampleBatch(images.narrow(0, replica * size, size), labels.narrow(0, replica * size, size)));
            return own.Terms.GradientNorm;
        });

        AssertClose(replicas * replicas * terms.GradientNorm, naive, 1e-12);
        gradient.Dispose();
        layers.ToList().ForEach(layer => layer.Dispose());
    }

    [Fact]
    public void BatchStatistics_FourShards_GiveTheGradientsOfOneGraphOverTheSameShards()
    {
        using var one = new OneThread();
        using var trainer = SmallNetwork.Trained(Precision.Extended);
        var (images, labels) = SmallNetwork.Batch(22, Precision.Extended);
        const int Shards = 4;

        var (actual, terms) = trainer.Differentiate(images, labels, Shards);

        // The same state: Differentiate made the power iteration, which Evaluate does not repeat.
        var layers = trainer.Evaluate();
        var (loss, gradients) = OneGraph(trainer.Network, layers, images, labels, Shards);
        AssertClose(loss, terms.CrossEntropy + (SmallNetwork.Objective.GradientNormWeight * terms.GradientNorm), 1e-12);
        Assert.All(gradients.Zip(actual.Layers), pair => AssertClose(pair.First, pair.Second.Flat(), 1e-12));
        actual.Dispose();
        layers.ToList().ForEach(layer => layer.Dispose());
    }

    [Fact]
    public void MergedStatistics_OfTheFirstLayer_AreThoseOfTheWholeBatch()
    {
        using var one = new OneThread();
        using var whole = SmallNetwork.Trained(Precision.Full);
        using var sharded = SmallNetwork.Trained(Precision.Full);
        var (images, labels) = SmallNetwork.Batch(27, Precision.Full);

        whole.Step(images, labels, SmallNetwork.Options, shards: 1);
        sharded.Step(images, labels, SmallNetwork.Options, shards: 8);

        // Later layers see what ghost batch norm made of the first, so only the first has the same input.
        var (expected, actual) = (whole.States[0].BatchNorm!, sharded.States[0].BatchNorm!);
        AssertClose(expected.RunningMean, actual.RunningMean, 1e-6);
        AssertClose(expected.RunningVar, actual.RunningVar, 1e-6);
        Assert.Equal(4, actual.BatchesTracked.ReadInt64());
    }

    private static (double Loss, IReadOnlyList<Tensor> Gradients) OneGraph(
        Network network, IReadOnlyList<PreparedLayer> layers, Tensor images, Tensor labels, int shards)
    {
        var count = (int)labels.shape[0];
        var plan = new ShardPlan(count, count, shards, seed: 0);
        var leaves = SmallNetwork.Leaves(layers);
        var parts = Enumerable.Range(0, shards).Select(shard => plan.Shard(shard, count).GetOffsetAndLength(count))
            .Select(range => (Images: images.narrow(0, range.Offset, range.Length).clone().requires_grad_(), Labels: labels.narrow(0, range.Offset, range.Length)))
            .ToList();

        var crossEntropy = parts
            .Select(part => nn.functional.cross_entropy(
                new AutogradPass(Normalization.Shard, leaves).Forward(network, part.Images), part.Labels, reduction: nn.Reduction.Sum))
            .Aggregate((left, right) => left + right) / count;
        var slopes = autograd.grad([crossEntropy], [.. parts.Select(part => part.Images)], retain_graph: true, create_graph: true);
        var gradientNorm = slopes.Select(slope => slope.square().sum()).Aggregate((left, right) => left + right) * (Objective.GradientNormFactor / count);
        var total = crossEntropy + (gradientNorm * SmallNetwork.Objective.GradientNormWeight);
        var gradients = new Queue<Tensor>(autograd.grad([total], [.. leaves.SelectMany(layer => layer.Effective)]));
        return (total.ReadDouble(), [.. leaves.Select(layer => LayerGradientExtensions.Flat([.. layer.Effective.Select(_ => gradients.Dequeue())]))]);
    }

    private static void AssertClose(double expected, double actual, double tolerance) =>
        Assert.Equal(expected, actual, tolerance * Math.Max(1, Math.Abs(expected)));

    private static void AssertClose(Tensor expected, Tensor actual, double tolerance)
    {
        var difference = (expected - actual).abs().max().ReadDouble();
        Assert.InRange(difference, 0, tolerance * Math.Max(1, expected.abs().max().ReadDouble()));
    }
}
