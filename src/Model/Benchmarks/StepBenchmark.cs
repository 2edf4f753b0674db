using System.Diagnostics;
using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Model.Benchmarks.Peers;
using Lcnn.Distributed.Model.Losses;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Optimizers;
using Lcnn.Distributed.Model.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Benchmarks;

/// <summary>Times whole training steps of several variants that take turns in one process: a stock ReLU network, the authors' composition, and ours.</summary>
public sealed class StepBenchmark : IDisposable
{
    private const int LeastWarmupRounds = 2;
    private const int MostWarmupSeconds = 20;
    private const double LearningRate = 0.01;
    private const int Classes = 10;
    private const int BatchesGathered = 4;
    private readonly StepBenchmarkOptions _options;
    private readonly CancellationToken _cancellation;
    private readonly ComputeThreads _threads;
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly List<Variant> _variants = [];
    private readonly List<IDisposable> _owned = [];
    private readonly Tensor _images_BCHW;
    private readonly Tensor _labels_B;

    private StepBenchmark(StepBenchmarkOptions options, CancellationToken cancellationToken)
    {
        (_options, _cancellation) = (options, cancellationToken);
        _threads = new ComputeThreads(options.Threads, "bench");
        var draws = new Generator(1);
        _images_BCHW = rand([options.BatchSize, options.Image.Channels, options.Image.Height, options.Image.Width], generator: draws).to(Device);
        _labels_B = randint(Classes, [options.BatchSize], dtype: ScalarType.Int64, generator: draws).to(Device);
    }

    private Device Device => _options.Device.ToTorch();

    /// <summary>One line of the table.</summary>
    /// <param name="Name">Variant, or a phase of the variant above it.</param>
    /// <param name="Milliseconds">Median.</param>
    /// <param name="Ratio">Over the first variant's step of the same run.</param>
    /// <param name="PeakMegabytes">The most that one step raised the resident memory; null for phases.</param>
    public sealed record Row(string Name, double Milliseconds, double Ratio, double? PeakMegabytes);

    /// <summary>Times all variants in turns, so that a noisy second hits each alike.</summary>
    /// <exception cref="ArgumentException">No stock network has the shape of this one.</exception>
    public static IReadOnlyList<Row> Run(StepBenchmarkOptions options, CancellationToken cancellationToken)
    {
        using var benchmark = new StepBenchmark(options, cancellationToken);
        return benchmark.Run();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _owned.ForEach(owned => owned.Dispose());
        _scope.Dispose();
        _threads.Dispose();
    }

    private List<Row> Run()
    {
        var (widths, blocks) = Architectures.ResidualSizes(_options.Family);
        var lcnn = _options.Family + "-lcnn";
        var curvature = new Objective(LossKind.Curvature, 1e-3, 1e-3, 1e-3);
        var both = curvature with { Kind = LossKind.CurvatureAndGradientNorm };
        AddStock(widths, blocks);
        AddTwin("authors' composition, curvature", lcnn, widths, blocks, curvature);
        AddTwin("authors' composition, curvature+gradnorm", lcnn, widths, blocks, both);
        foreach (var objective in new[] { curvature, both })
        {
            var loss = objective == both ? "curvature+gradnorm" : "curvature";
            AddOwn($"{lcnn}, {loss}", lcnn, objective, 1, Normalization.Shard);
            AddOwn($"{lcnn}, {loss}, V=4, batch norm shard", lcnn, objective, 4, Normalization.Shard);
            AddOwn($"{lcnn}, {loss}, V=4, batch norm global", lcnn, objective, 4, Normalization.Global);
        }

        AddGathering($"{lcnn}, curvature, of gathered images", lcnn, curvature);
        AddOwn($"{_options.Family} (softplus 1e3), ce", _options.Family, curvature with { Kind = LossKind.CrossEntropy }, 1, Normalization.Shard);
        WarmUp();
        for (var round = 0; round < _options.Rounds; round++)
        {
            foreach (var variant in _variants)
            {
                var start = Stopwatch.GetTimestamp();
                Make(variant);
                variant.Ticks.Add(Stopwatch.GetTimestamp() - start);
            }
        }

        var baseline = Median(_variants[0].Ticks);
        return
        [
            .. _variants.SelectMany(variant => new[] { new Row(variant.Name, Median(variant.Ticks), Median(variant.Ticks) / baseline, variant.PeakMegabytes) }
                .Concat(variant.Phases.Select(phase => new Row($"  {phase.Key}", Median(phase.Value), Median(phase.Value) / baseline, null)))),
        ];
    }

    // The peers are native code; ours is compiled while it runs, the better the more often it has been called.
    private void WarmUp()
    {
        var enough = TimeSpan.FromSeconds(Math.Min(MostWarmupSeconds, 2 * _options.Rounds));
        var start = Stopwatch.GetTimestamp();
        for (var round = 0; round < LeastWarmupRounds || Stopwatch.GetElapsedTime(start) < enough; round++)
        {
            foreach (var variant in _variants)
            {
                if (round == 0 && _options.Device.IsCpu) // a GPU's memory is not the process's
                {
                    variant.PeakMegabytes = PeakMemory.Of(() => Make(variant));
                }
                else
                {
                    Make(variant);
                }
            }
        }

        foreach (var phase in _variants.SelectMany(variant => variant.Phases.Values))
        {
            phase.Clear();
        }
    }

    private void Make(Variant variant)
    {
        _cancellation.ThrowIfCancellationRequested();
        variant.Step();
        _options.Device.Synchronize();
    }

    private void AddStock(IReadOnlyList<int> widths, IReadOnlyList<int> blocks)
    {
        var stock = new StockResNet(_options.Image.Channels, Classes, widths, blocks);
        stock.to(Device);
        var optimizer = optim.SGD(stock.parameters(), 0.01, momentum: 0.9, weight_decay: 5e-4);
        _owned.AddRange([stock, optimizer]);
        AddPeer("stock ReLU (TorchSharp modules), ce", () =>
        {
            using var step = NewDisposeScope();
            optimizer.zero_grad();
            nn.functional.cross_entropy(stock.forward(_images_BCHW), _labels_B).backward();
            optimizer.step();
        });
    }

    private void AddTwin(string name, string architecture, IReadOnlyList<int> widths, IReadOnlyList<int> blocks, Objective objective)
    {
        var network = Architectures.Build(architecture, _options.Image, Classes);
        var state = new AuthorsState(network.Initialize(seed: 1), Device);
        var trainer = new AuthorsTrainer(new AuthorsResNet(network, state, widths, blocks), state, objective, LearningRate);
        _owned.Add(trainer);
        AddPeer(name, () => trainer.Step(_images_BCHW, _labels_B));
    }

    private void AddOwn(string name, string architecture, Objective objective, int shards, Normalization normalization)
    {
        var network = Architectures.Build(architecture, _options.Image, Classes);
        var own = new OwnStep(network, Options(objective), shards, normalization, _threads, _options.Device);
        _owned.Add(own);
        Add(name, () => own.Make(_images_BCHW, _labels_B)).Phases = own.Phases;
    }

    // Images as a rank has them: cropped and flipped at random, the next step's beside this one.
    private void AddGathering(string name, string architecture, Objective objective)
    {
        var own = new OwnStep(Architectures.Build(architecture, _options.Image, Classes), Options(objective), 1, Normalization.Shard, _threads, _options.Device);
        var samples = new SampleSource(
            RandomImages(), new ShardPlan(BatchesGathered * _options.BatchSize, _options.BatchSize, shards: 1, seed: 1), _options.Device, seed: 1, augments: true, 0, 1, long.MaxValue, threads: 1);
        _owned.AddRange([own, samples]);
        var step = 0L;
        Add(name, () =>
        {
            var (gathered, waited) = (samples.Time, samples.Waited);
            using var batch = samples.Begin(step++).Take(0);
            own.Make(batch.Images, batch.Labels);
            own.Add("gather with crops and flips, beside the step", samples.Time - gathered);
            own.Add("of it, what the step waits for", samples.Waited - waited);
        }).Phases = own.Phases;
    }

    private ImageData RandomImages()
    {
        var pixels = new byte[BatchesGathered * _options.BatchSize * _options.Image.Channels * _options.Image.Height * _options.Image.Width];
        new Random(1).NextBytes(pixels);
        return new ImageData(
            pixels, new int[BatchesGathered * _options.BatchSize], _options.Image.Channels, _options.Image.Height, _options.Image.Width, Classes, byte.MaxValue);
    }

    // As many threads inside each operation as we have beside each other.
    private void AddPeer(string name, Action step) => Add(name, () =>
    {
        set_num_threads(_options.Threads);
        step();
        set_num_threads(1);
    });

    private Variant Add(string name, Action step)
    {
        _variants.Add(new Variant(name, step));
        return _variants[^1];
    }

    private static StepOptions Options(Objective objective) => new(new OptimizerStep(LearningRate, Number: 1), objective);

    private static double Median(List<long> ticks) => ticks.Order().ElementAt(ticks.Count / 2) * 1000.0 / Stopwatch.Frequency;

    private sealed record Variant(string Name, Action Step)
    {
        public List<long> Ticks { get; } = [];

        public double PeakMegabytes { get; set; } = double.NaN;

        public IReadOnlyDictionary<string, List<long>> Phases { get; set; } = new Dictionary<string, List<long>>();
    }
}
