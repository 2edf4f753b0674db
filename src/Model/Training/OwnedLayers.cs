using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Model.Checkpoints;
using Lcnn.Distributed.Model.Kernels;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Native;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Training;

/// <summary>The layers that one rank owns. Used by one thread at a time.</summary>
public sealed class OwnedLayers : IDisposable
{
    private readonly SortedDictionary<int, LayerOwner> _owners = [];

    /// <summary>Draws fresh raw state from the seed.</summary>
    /// <param name="layers">Indices of the owned layers.</param>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="device">Where the owner's arithmetic is done; fresh state is the same on all.</param>
    public OwnedLayers(Network network, IEnumerable<int> layers, long seed, ComputeDevice? device = null)
    {
        // The first power iterations must not depend on the cores of whoever makes them.
        foreach (var state in LibtorchException.In(
            "the initial parameters", () => OneIntraOpThread.Run("owned layers", () => Initialize(network, layers, seed, device))))
        {
            _owners[state.Key] = new LayerOwner(state.Value);
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

    /// <summary>Phase 3 of a step for some layers; uses up the gradients.</summary>
    /// <exception cref="NonFiniteGradientException">A gradient is NaN or infinite; every state is as it was.</exception>
    public void Apply(IEnumerable<KeyValuePair<int, LayerGradient>> sums, SgdOptions options) =>
        LayerOwner.Apply([.. sums.Select(sum => (_owners[sum.Key], sum.Value))], options);

    /// <summary>Parameters and buffers under the reference's keys.</summary>
    /// <exception cref="NonFiniteWeightsException">The last update went beyond all bounds: the snapshot before it is the one to keep.</exception>
    public IReadOnlyList<SafeTensor> Export()
    {
        CheckFinite();
        return NetworkState.Export(_owners.Values.Select(owner => owner.State));
    }

    /// <summary>Momentum under the parameters' keys.</summary>
    public IReadOnlyList<SafeTensor> ExportMomentum() => NetworkState.ExportMomentum(_owners.Values.Select(owner => owner.State));

    /// <summary>Takes over a snapshot's state of the owned layers.</summary>
    /// <exception cref="CheckpointException">The snapshot is of another network.</exception>
    public void Import(Snapshot snapshot)
    {
        var states = _owners.Values.Select(owner => owner.State).ToList();
        NetworkState.Import(states, snapshot.Model, snapshot.Folder, whole: false);
        NetworkState.ImportMomentum(states, snapshot.Optimizer, snapshot.Folder, whole: false);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
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

    private static List<KeyValuePair<int, LayerState>> Initialize(Network network, IEnumerable<int> layers, long seed, ComputeDevice? device)
    {
        using var scope = NewDisposeScope();
        var states = new List<KeyValuePair<int, LayerState>>();
        foreach (var layer in layers)
        {
            states.Add(KeyValuePair.Create(layer, network.Layers[layer].Initialize(seed).On(device ?? ComputeDevice.Cpu)));
        }

        return states;
    }

    private List<KeyValuePair<int, PreparedLayer>> Map(IReadOnlyCollection<int> layers, Func<IReadOnlyList<LayerOwner>, IReadOnlyList<PreparedLayer>> make) =>
        [.. layers.Zip(make([.. layers.Select(layer => _owners[layer])]), KeyValuePair.Create)];
}
