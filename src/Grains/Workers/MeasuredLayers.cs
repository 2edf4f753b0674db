using Lcnn.Distributed.Grains.Collectives;
using Lcnn.Distributed.Model.Layers;

namespace Lcnn.Distributed.Grains.Workers;

/// <summary>The trained network on every rank, for all that is measured of it at the end.</summary>
internal sealed class MeasuredLayers : IDisposable
{
    private const int Part = 1; // of evaluations, beside the scores' 0 and 2

    private readonly PreparedLayer[] _layers;

    private MeasuredLayers(PreparedLayer[] layers, bool stopRequested) => (_layers, StopRequested) = (layers, stopRequested);

    /// <summary>Evaluation parameters of every layer; none where nothing is to be measured.</summary>
    public IReadOnlyList<PreparedLayer> Layers => _layers;

    /// <summary>Whether the run ends here, the same on all ranks.</summary>
    public bool StopRequested { get; }

    /// <summary>Brings all layers here, if anything is to be measured.</summary>
    /// <param name="requestStop">On the leading rank: measure nothing and end the run.</param>
    public static MeasuredLayers Collect(WorkerReplica replica, RankChannel channel, bool requestStop)
    {
        if (replica.Spec.CurvatureSamples == 0 && replica.Robustness.Parts.Count == 0)
        {
            return new MeasuredLayers([], false);
        }

        channel.Activity.Enter("share the network", replica.TotalSteps);
        var key = new ParcelKey(ParcelKind.Evaluation, replica.TotalSteps, Part);
        LayerExchange.Share(channel, key, replica.Owned.Evaluate(), channel.Leads && requestStop);
        var (layers, stop) = LayerExchange.Collect(channel, key, replica.Network.Layers.Count, replica.Device);
        return new MeasuredLayers(layers, stop);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var layer in _layers)
        {
            layer.Dispose();
        }
    }
}
