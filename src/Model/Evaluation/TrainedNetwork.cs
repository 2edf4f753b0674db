using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Model.Checkpoints;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Training;

namespace Lcnn.Distributed.Model.Evaluation;

/// <summary>A network with its weights, ready to be scored and measured.</summary>
public sealed class TrainedNetwork : IDisposable
{
    private TrainedNetwork(Network network, IReadOnlyList<PreparedLayer> layers)
    {
        Network = network;
        Layers = layers;
    }

    public Network Network { get; }

    /// <summary>Evaluation parameters of every layer.</summary>
    public IReadOnlyList<PreparedLayer> Layers { get; }

    /// <summary>Puts a checkpoint's tensors into a network.</summary>
    /// <param name="model">Tensors under the reference's keys.</param>
    /// <param name="source">File or folder, for errors.</param>
    /// <param name="device">Where it will compute; the processor if null.</param>
    /// <exception cref="CheckpointException">The checkpoint is of another network.</exception>
    public static TrainedNetwork Load(Network network, IReadOnlyDictionary<string, SafeTensor> model, string source, ComputeDevice? device = null)
    {
        var states = network.Initialize(seed: 0);
        var owners = states.Select(state => new LayerOwner(state)).ToList();
        try
        {
            NetworkState.Import(states, model, source);
            return new TrainedNetwork(network, PreparedLayer.On(device ?? ComputeDevice.Cpu, LayerOwner.Evaluate(owners)));
        }
        finally
        {
            owners.ForEach(owner => owner.Dispose());
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var layer in Layers)
        {
            layer.Dispose();
        }
    }
}
