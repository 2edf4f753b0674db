using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Losses;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Optimizers;
using Lcnn.Distributed.Model.Training;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Training;

/// <summary>A small LCNN with both penalties, its batches, and a state some steps away from the initial one.</summary>
internal static class SmallNetwork
{
    public const int Classes = 4;

    public static Objective Objective { get; } = new(LossKind.CurvatureAndGradientNorm, BetaWeight: 1e-3, GammaWeight: 1e-3, GradientNormWeight: 1e-3);

    public static StepOptions Options { get; } = new(new OptimizerStep(LearningRate: 0.05, Number: 1), Objective);

    public static Network Build() => ResidualNetwork.Build(new ImageShape(2, 8, 8), Classes, [4, 6], [1, 1]);

    public static (Tensor Images, Tensor Labels) Batch(int count, Precision precision, ulong seed = 1)
    {
        using var draws = new Generator(seed);
        return (randn([count, 2, 8, 8], dtype: precision.ToScalarType(), generator: draws), randint(0, Classes, [count], dtype: ScalarType.Int64, generator: draws));
    }

    /// <summary>After three steps on one shard, so that running statistics are no longer 0 and 1.</summary>
    public static LocalTrainer Trained(Precision precision)
    {
        var network = Build();
        var trainer = new LocalTrainer(network, network.Initialize(seed: 11, precision), Objective);
        for (var step = 0; step < 3; step++)
        {
            var (images, labels) = Batch(12, precision, (ulong)(100 + step));
            trainer.Step(images, labels, Options);
        }

        return trainer;
    }

    public static IReadOnlyList<PreparedLayer> Leaves(IReadOnlyList<PreparedLayer> layers) => [.. layers.Select(layer =>
        new PreparedLayer([.. layer.Effective.Select(t => t.detach().requires_grad_())], layer.Penalty, layer.Gain, layer.RunningMean, layer.RunningVar))];
}
