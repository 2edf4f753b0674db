using System.Diagnostics;
using Lcnn.Distributed.Model.Losses;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Benchmarks;

/// <summary>Times whole training steps of several variants that take turns in one process, on one thread, on 1x28x28 images.</summary>
public sealed class StepBenchmark : IDisposable
{
    private const int WarmupRounds = 2;
    private static readonly ImageShape _input = new(1, 28, 28);
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly List<(string Name, Action Step, List<long> Ticks)> _variants = [];
    private readonly List<IDisposable> _owned = [];
    private readonly Tensor _images_BCHW;
    private readonly Tensor _labels_B;

    private StepBenchmark(int batchSize)
    {
        var draws = new Generator(1);
        _images_BCHW = rand([batchSize, _input.Channels, _input.Height, _input.Width], generator: draws);
        _labels_B = randint(10, [batchSize], dtype: ScalarType.Int64, generator: draws);
    }

    /// <summary>One line of the table.</summary>
    /// <param name="Name">Variant, or a phase of the variant above it.</param>
    /// <param name="Milliseconds">Median.</param>
    /// <param name="Ratio">Over the stock ReLU step of the same run.</param>
    public sealed record Row(string Name, double Milliseconds, double Ratio);

    /// <summary>Times all variants in turns, so that a noisy second hits each alike.</summary>
    /// <param name="batchSize">Samples of a step.</param>
    /// <param name="rounds">Turns of every variant.</param>
    /// <param name="cancellationToken">Stops between rounds.</param>
    public static IReadOnlyList<Row> Run(int batchSize, int rounds, CancellationToken cancellationToken)
    {
        set_num_threads(1);
        using var benchmark = new StepBenchmark(batchSize);
        return benchmark.Run(rounds, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _owned.ForEach(owned => owned.Dispose());
        _scope.Dispose();
    }

    private List<Row> Run(int rounds, CancellationToken cancellationToken)
    {
        var curvature = new Objective(LossKind.Curvature, 1e-3, 1e-3, 1e-3);
        AddStock();
        var phased = AddPhased(curvature);
        foreach (var shards in new[] { 2, 4, 8 })
        {
            Add($"resnet8-lcnn, curvature, V={shards}", "resnet8-lcnn", curvature, shards);
        }

        Add("resnet8-lcnn, curvature+gradnorm", "resnet8-lcnn", curvature with { Kind = LossKind.CurvatureAndGradientNorm }, 1);
        Add("resnet8 (softplus 1e3), ce", "resnet8", curvature with { Kind = LossKind.CrossEntropy }, 1);
        Add("resnet8-relu, ce", "resnet8-relu", curvature with { Kind = LossKind.CrossEntropy }, 1);
        for (var round = 0; round < WarmupRounds + rounds; round++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var (_, step, ticks) in _variants)
            {
                var start = Stopwatch.GetTimestamp();
                step();
                ticks.Add(Stopwatch.GetTimestamp() - start);
            }
        }

        var baseline = Median(_variants[0].Ticks);
        var rows = _variants.Select(variant => ToRow(variant.Name, variant.Ticks)).ToList();
        rows.InsertRange(2,
        [
            ToRow("  prepare: power iteration, W/sigma, gain", phased.Prepare),
            ToRow("  compute: forward", phased.Forward),
            ToRow("  compute: backward", phased.Backward),
            ToRow("  apply: chain rule, SGD, running statistics", phased.Apply),
        ]);
        return rows;

        Row ToRow(string name, List<long> ticks) => new(name, Median(ticks), Median(ticks) / baseline);
    }

    private void AddStock()
    {
        var stock = new StockResNet8(_input.Channels, 10);
        var optimizer = optim.SGD(stock.parameters(), 0.01, momentum: 0.9, weight_decay: 5e-4);
        _owned.AddRange([stock, optimizer]);
        _variants.Add(("stock ReLU (TorchSharp modules), ce", () =>
        {
            using var step = NewDisposeScope();
            optimizer.zero_grad();
            nn.functional.cross_entropy(stock.forward(_images_BCHW), _labels_B).backward();
            optimizer.step();
        }, []));
    }

    private PhasedStep AddPhased(Objective objective)
    {
        var phased = new PhasedStep(Architectures.Build("resnet8-lcnn", _input, 10), objective, Options(objective));
        _owned.Add(phased);
        _variants.Add(("resnet8-lcnn, curvature", () => phased.Make(_images_BCHW, _labels_B), []));
        return phased;
    }

    private void Add(string name, string architecture, Objective objective, int shards)
    {
        var network = Architectures.Build(architecture, _input, 10);
        var trainer = new LocalTrainer(network, network.Initialize(seed: 1), objective);
        _owned.Add(trainer);
        _variants.Add((name, () =>
        {
            using var step = NewDisposeScope();
            trainer.Step(_images_BCHW, _labels_B, Options(objective), shards);
        }, []));
    }

    private static SgdOptions Options(Objective objective) => new(0.01, 0.9, 5e-4, objective);

    private static double Median(List<long> ticks) =>
        ticks.Skip(WarmupRounds).Order().ElementAt((ticks.Count - WarmupRounds) / 2) * 1000.0 / Stopwatch.Frequency;
}
