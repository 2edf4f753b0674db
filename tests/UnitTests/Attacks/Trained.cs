using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Model.Attacks;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Losses;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Optimizers;
using Lcnn.Distributed.Model.Training;
using Lcnn.Distributed.UnitTests.Training;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Attacks;

/// <summary>A small LCNN that has learned to tell four noisy patterns apart, and images of them.</summary>
internal sealed class Trained : IDisposable
{
    private const int Steps = 40;

    private readonly LocalTrainer _trainer;

    public Trained()
    {
        using var scope = NewDisposeScope();
        Network = SmallNetwork.Build();
        var objective = new Objective(LossKind.CrossEntropy, 0, 0, 0);
        _trainer = new LocalTrainer(Network, Network.Initialize(seed: 11), objective);
        for (var step = 1; step <= Steps; step++)
        {
            var (images, labels) = Patterns(16, (ulong)step);
            _trainer.Step(images, labels, new StepOptions(new OptimizerStep(0.1, step), objective));
        }

        Layers = _trainer.Evaluate();
        Doubles = [.. Layers.Select(layer => layer.InDouble())];
        var (x, y) = Patterns(60, seed: 1000);
        Images = new FloatImages([.. x.ReadDoubles().Select(value => (float)value)], [.. y.ReadDoubles().Select(label => (int)label)], 2, 8, 8, SmallNetwork.Classes);
    }

    public Network Network { get; }

    public IReadOnlyList<PreparedLayer> Layers { get; }

    /// <summary>The same in float64.</summary>
    public IReadOnlyList<PreparedLayer> Doubles { get; }

    public FloatImages Images { get; }

    public AttackSamples Samples(int count, ScalarType dtype = ScalarType.Float64)
    {
        using var batch = SampleBatch.Gather(Images, [.. Enumerable.Range(0, count)], ComputeDevice.Cpu);
        return new AttackSamples(batch.Images.to(dtype).clone(), batch.Labels.clone(), [.. Enumerable.Range(0, count)], Seed: 5);
    }

    public void Dispose()
    {
        foreach (var layer in Doubles.Concat(Layers))
        {
            layer.Dispose();
        }

        _trainer.Dispose();
    }

    // In [0, 1], some nearer to their pattern than others.
    private static (Tensor Images, Tensor Labels) Patterns(int count, ulong seed)
    {
        using var draws = new Generator(seed);
        using var fixedDraws = new Generator(99);
        var patterns = rand([SmallNetwork.Classes, 2, 8, 8], generator: fixedDraws);
        var labels = randint(0, SmallNetwork.Classes, [count], dtype: ScalarType.Int64, generator: draws);
        var share = rand([count, 1, 1, 1], generator: draws).Times(0.4).Plus(0.2);
        var noise = rand([count, 2, 8, 8], generator: draws);
        return (noise.Plus((patterns.index_select(0, labels) - noise) * share), labels);
    }
}
