using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Training;

namespace Lcnn.Distributed.Grains.Collectives;

/// <summary>Gives every rank the effective parameters of all layers, each from its owner.</summary>
internal static class LayerExchange
{
    /// <summary>Sends this rank's layers to all ranks and gives up its own hold on them.</summary>
    public static void Share(
        RankChannel channel, ParcelKey key, IReadOnlyList<KeyValuePair<int, PreparedLayer>> owned, bool stopRequested = false)
    {
        channel.Broadcast(key, new PreparedParcel(stopRequested, owned));
        foreach (var (_, layer) in owned)
        {
            layer.Dispose();
        }
    }

    /// <summary>Waits for the layers of all owners. The caller disposes them.</summary>
    public static (PreparedLayer[] Layers, bool StopRequested) Collect(RankChannel channel, ParcelKey key, int layerCount, ComputeDevice? device = null)
    {
        var parcels = channel.Gather<PreparedParcel>(key);
        var layers = new PreparedLayer[layerCount];
        foreach (var (index, layer) in parcels.SelectMany(parcel => parcel.Layers))
        {
            layers[index] = layer.On(device ?? ComputeDevice.Cpu);
        }

        return (layers, parcels.Any(parcel => parcel.StopRequested));
    }
}
