using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Model.Checkpoints;
using Lcnn.Distributed.Model.Kernels;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Losses;
using Lcnn.Distributed.Model.Native;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Optimizers;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Training;

/// <summary>The layers that one rank owns. Used by one thread at a time.</summary>
public sealed class OwnedLayers : IDisposable
{
    private readonly SortedDictionary<int, LayerOwner> _owners = [];
    private readonly SortedDictionary<int, RawLayerGradient> _unapplied = [];
    private readonly Optimizer _optimizer;

    /// <summary>Draws fresh raw state from the seed.</summary>
    /// <param name="layers">Indices of the owned layers.</param>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="optimizer">Takes the steps; null for the reference's SGD.</param>
    /// <param name="averageDecay">Decay of the weights' moving average; null keeps none.</param>
    /// <param name="device">Where the owner's arithmetic is done; fresh state is the same on all.</param>
    public OwnedLayers(
        Network network, IEnumerable<int> layers, long seed, Optimizer? optimizer = null, double? averageDecay = null, ComputeDevice? device = null)
    {
        _optimizer = optimizer ?? new Sgd();
        // The first power iterations must not depend on the cores of whoever makes them.
        foreach (var (layer, state, average) in LibtorchException.In(
            "the initial parameters", () => OneIntraOpThread.Run("owned layers", () => Initialize(network, layers, seed, averageDecay is not null, device))))
        {
            _owners[layer] = new LayerOwner(state, _optimizer, average is null ? null : new WeightAverage(average, averageDecay!.Value));
        }
    }

    /// <summary>Indices of the owned layers, ascending.</summary>
    public IReadOnlyCollection<int> Indices => _owners.Keys;

    /// <summary>Phase 1 of a step for some owned layers.</summary>
    /// <param name="layers">Their indices.</param>
    public IReadOnlyList<KeyValuePair<int, PreparedLayer>> Prepare(IReadOnlyList<int> layers) => Map(layers, LayerOwner.Prepare);

    /// <summary>Evaluation parameters of every owned layer; changes nothing.</summary>
    /// <exception cref="NonFiniteWeightsException">The last update went beyond all bounds.</exception>
    public IReadOnlyList<KeyValuePair<int, PreparedLayer>> Evaluate()
    {
        CheckFinite();
        return Map(_owners.Keys, LayerOwner.Evaluate);
    }

    /// <summary>Evaluation parameters of every owned layer's moving average; changes nothing.</summary>
    public IReadOnlyList<KeyValuePair<int, PreparedLayer>> EvaluateAverage() =>
        Map(_owners.Keys, owners => LayerOwner.Evaluate([.. owners.Select(owner => owner.Average!.Owner)]));

    /// <summary>Phase 3 of a step for some layers; uses up the gradients.</summary>
    /// <exception cref="NonFiniteGradientException">A gradient is NaN or infinite; every state is as it was.</exception>
    public void Apply(IEnumerable<KeyValuePair<int, LayerGradient>> sums, StepOptions options) =>
        LayerOwner.Apply([.. sums.Select(sum => (_owners[sum.Key], sum.Value))], options);

    /// <summary>Phase 3 up to the raw gradients, which wait for <see cref="Update"/>; uses up the gradients.</summary>
    /// <exception cref="NonFiniteGradientException">A gradient is NaN or infinite.</exception>
    public void Differentiate(IEnumerable<KeyValuePair<int, LayerGradient>> sums, Objective objective)
    {
        var layers = sums.ToList();
        var gradients = LayerOwner.Differentiate([.. layers.Select(sum => (_owners[sum.Key], sum.Value))], objective);
        for (var i = 0; i < layers.Count; i++)
        {
            _unapplied.Add(layers[i].Key, gradients[i]);
        }
    }

    /// <summary>The squared norm of the raw gradients that wait, by layer, ascending.</summary>
    public IReadOnlyList<KeyValuePair<int, double>> SquaredNorms() =>
        [.. _unapplied.Keys.Zip(RawLayerGradient.SquaredNorms([.. _unapplied.Values]), KeyValuePair.Create)];

    /// <summary>The rest of phase 3 for all gradients that wait.</summary>
    public void Update(StepOptions options)
    {
        foreach (var (layer, gradients) in _unapplied)
        {
            _owners[layer].Update(gradients, options);
        }

        DropUnapplied();
    }

    /// <summary>Parameters and buffers under the reference's keys.</summary>
    /// <exception cref="NonFiniteWeightsException">The last update went beyond all bounds: the snapshot before it is the one to keep.</exception>
    public IReadOnlyList<SafeTensor> Export()
    {
        CheckFinite();
        return NetworkState.Export(_owners.Values.Select(owner => owner.State));
    }

    /// <summary>What the optimizer and the moving average keep, under the tensors' keys and what they add to them.</summary>
    public IReadOnlyList<SafeTensor> ExportOptimizer() =>
    [
        .. NetworkState.ExportOptimizer(_owners.Values.Select(owner => owner.State), _optimizer.StateSuffixes),
        .. NetworkState.Export(Averages()).Select(tensor => tensor.Renamed(tensor.Name + WeightAverage.Suffix)),
    ];

    /// <summary>Takes over a snapshot's state of the owned layers.</summary>
    /// <exception cref="CheckpointException">The snapshot is of another network, or of another optimizer.</exception>
    public void Import(Snapshot snapshot)
    {
        var states = _owners.Values.Select(owner => owner.State).ToList();
        var (average, optimizer) = Part(snapshot.Optimizer);
        NetworkState.Import(states, snapshot.Model, snapshot.Folder, whole: false);
        NetworkState.ImportOptimizer(states, _optimizer.StateSuffixes, optimizer, snapshot.Folder, whole: false);
        NetworkState.Import(Averages(), average, snapshot.Folder, whole: false);
    }

    /// <summary>Takes over the weights and buffers alone: they can be evaluated, but training does not go on from them.</summary>
    /// <exception cref="CheckpointException">It is of another network.</exception>
    public void ImportModel(Snapshot snapshot) => NetworkState.Import([.. _owners.Values.Select(owner => owner.State)], snapshot.Model, snapshot.Folder, whole: false);

    /// <summary>The weights and buffers of the moving average among what <see cref="ExportOptimizer"/> gave, under the reference's keys; empty where none is kept.</summary>
    public static IReadOnlyList<SafeTensor> AverageAmong(IEnumerable<SafeTensor> optimizer) =>
    [
        .. optimizer.Where(tensor => tensor.Name.EndsWith(WeightAverage.Suffix, StringComparison.Ordinal))
            .Select(tensor => tensor.Renamed(tensor.Name[..^WeightAverage.Suffix.Length])),
    ];

    /// <inheritdoc/>
    public void Dispose()
    {
        DropUnapplied();
        foreach (var owner in _owners.Values)
        {
            owner.Dispose();
        }
    }

    // In a step the next loss tells; after the last one there is none.
    private void CheckFinite()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        foreach (var state in _owners.Values.Select(owner => owner.State))
        {
            foreach (var (key, tensor) in NetworkState.Tensors(state))
            {
                if (!tensor.IsFinite())
                {
                    throw new NonFiniteWeightsException(state.Layer.Path, key);
                }
            }
        }
    }

    private List<LayerState> Averages() => [.. _owners.Values.Select(owner => owner.Average?.Owner.State).OfType<LayerState>()];

    private void DropUnapplied()
    {
        foreach (var gradients in _unapplied.Values)
        {
            gradients.Dispose();
        }

        _unapplied.Clear();
    }

    private static (Dictionary<string, SafeTensor> Average, Dictionary<string, SafeTensor> Optimizer) Part(IReadOnlyDictionary<string, SafeTensor> stored)
    {
        var average = AverageAmong(stored.Values).ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        return (average, stored.Where(entry => !entry.Key.EndsWith(WeightAverage.Suffix, StringComparison.Ordinal)).ToDictionary(StringComparer.Ordinal));
    }

    private static List<(int Layer, LayerState State, LayerState? Average)> Initialize(
        Network network, IEnumerable<int> layers, long seed, bool averages, ComputeDevice? device)
    {
        using var scope = NewDisposeScope();
        return [.. layers.Select(layer => (layer, Fresh(layer), averages ? Fresh(layer) : null))];

        LayerState Fresh(int layer) => network.Layers[layer].Initialize(seed).On(device ?? ComputeDevice.Cpu);
    }

    private List<KeyValuePair<int, PreparedLayer>> Map(IReadOnlyCollection<int> layers, Func<IReadOnlyList<LayerOwner>, IReadOnlyList<PreparedLayer>> make) =>
        [.. layers.Zip(make([.. layers.Select(layer => _owners[layer])]), KeyValuePair.Create)];
}
