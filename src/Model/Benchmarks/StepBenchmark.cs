using System.Diagnostics;
using Lcnn.Distributed.Model.Losses;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Training;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Benchmarks;

/// <summary>Times whole training steps of several variants that take turns in one process, on one thread.</summary>
public static class StepBenchmark
{
    /// <summary>One variant's times.</summary>
    /// <param name="Name">Variant.</param>
    /// <param name="Milliseconds">Median of one step.</param>
    /// <param name="Ratio">Over the stock ReLU step of the same run.</param>
    public sealed record Row(string Name, double Milliseconds, double Ratio);

    private static readonly Objective _curvature = new(LossKind.Curvature, 1e-3, 1e-3, 1e-3);
    private static readonly Objective _crossEntropy = new(LossKind.CrossEntropy, 0, 0, 0);
    private static readonly Objective _all = new(LossKind.CurvatureAndGradientNorm, 1e-3, 1e-3, 1e-3);

    /// <summary>Runs the comparison on 1x28x28 images.</summary>
    /// <param name="batchSize">Samples of a step.</param>
    /// <param name="rounds">Turns of every variant.</param>
    /// <param name="cancellationToken">Stops between rounds.</param>
    public static IReadOnlyList<Row> Run(int batchSize, int rounds, CancellationToken cancellationToken)
    {
        set_num_threads(1);
        using var scope = NewDisposeScope();
        var draws = new Generator(1);
        var images = rand([batchSize, 1, 28, 28], generator: draws);
        var labels = randint(10, [batchSize], dtype: ScalarType.Int64, generator: draws);

        using var stock = new StockResNet8(1, 10);
        using var optimizer = optim.SGD(stock.parameters(), 0.01, momentum: 0.9, weight_decay: 5e-4);
        void Stock()
        {
            using var step = NewDisposeScope();
            optimizer.zero_grad();
            nn.functional.cross_entropy(stock.forward(images), labels).backward();
            optimizer.step();
        }

        var variants = new List<(string Name, Action Step, IDisposable? Owned)> { ("stock ReLU (TorchSharp modules)", Stock, null) };
        Add("resnet8-lcnn, curvature", "resnet8-lcnn", _curvature, 1);
        Add("resnet8-lcnn, curvature, V=2", "resnet8-lcnn", _curvature, 2);
        Add("resnet8-lcnn, curvature, V=4", "resnet8-lcnn", _curvature, 4);
        Add("resnet8-lcnn, curvature, V=8", "resnet8-lcnn", _curvature, 8);
        Add("resnet8-lcnn, curvature+gradnorm", "resnet8-lcnn", _all, 1);
        Add("resnet8 (softplus 1e3), ce", "resnet8", _crossEntropy, 1);
        Add("resnet8-relu, ce", "resnet8-relu", _crossEntropy, 1);

        var times = variants.Select(_ => new List<double>()).ToList();
        for (var round = -2; round < rounds; round++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (var i = 0; i < variants.Count; i++)
            {
                var start = Stopwatch.GetTimestamp();
                variants[i].Step();
                if (round >= 0)
                {
                    times[i].Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                }
            }
        }

        variants.ForEach(variant => variant.Owned?.Dispose());
        var baseline = Median(times[0]);
        return [.. variants.Zip(times, (variant, list) => new Row(variant.Name, Median(list), Median(list) / baseline))];

        void Add(string name, string architecture, Objective objective, int shards)
        {
            var network = Architectures.Build(architecture, new ImageShape(1, 28, 28), 10);
            var trainer = new LocalTrainer(network, network.Initialize(seed: 1), objective);
            var options = new SgdOptions(0.01, 0.9, 5e-4, objective);
            variants.Add((name, () =>
            {
                using var step = NewDisposeScope();
                trainer.Step(images, labels, options, shards);
            }, trainer));
        }
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
