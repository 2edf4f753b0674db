using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Numerics;

namespace Lcnn.Distributed.Grains.Collectives;

/// <summary>Gives every rank the effective parameters of all layers, each from its owner.</summary>
internal static class LayerExchange
{
    /// <summary>Sends this rank's layers to all ranks and gives up its own hold on them.</summary>
    public static void Share(
        RankChannel channel, ParcelKey key, IReadOnlyList<KeyValuePair<int, PreparedLayer>> owned, bool stopRequested = false)
    {
        using var parcel = new PreparedParcel(stopRequested, owned);
        channel.Broadcast(key, parcel);
    }

    /// <summary>Waits for the layers of all owners. The caller disposes them.</summary>
    public static (PreparedLayer[] Layers, bool StopRequested) Collect(RankChannel channel, ParcelKey key, int layerCount, ComputeDevice? device = null)
    {
        var parcels = channel.Gather<PreparedParcel>(key);
        var (layers, stopRequested) = (new PreparedLayer[layerCount], false);
        foreach (var parcel in parcels)
        {
            stopRequested |= parcel.StopRequested;
            var placed = PreparedLayer.On(device ?? ComputeDevice.Cpu, [.. parcel.Layers.Select(entry => entry.Value)]);
            for (var i = 0; i < placed.Count; i++)
            {
                layers[parcel.Layers[i].Key] = placed[i];
            }
        }

        return (layers, stopRequested);
    }
}
