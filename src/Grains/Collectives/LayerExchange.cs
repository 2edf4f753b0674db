using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Numerics;

namespace Lcnn.Distributed.Grains.Collectives;

/// <summary>Gives every rank the effective parameters of all layers, each from its owner.</summary>
internal static class LayerExchange
{
    /// <summary>Sends layers of this rank to all ranks and gives up its own hold on them.</summary>
    public static void Share(
        RankChannel channel, ParcelKey key, IReadOnlyList<KeyValuePair<int, PreparedLayer>> owned, bool stopRequested = false)
    {
        using var parcel = new PreparedParcel(stopRequested, owned);
        channel.Broadcast(key, parcel);
    }

    /// <summary>Waits for the layers of all owners, one parcel of each. The caller disposes them.</summary>
    public static (PreparedLayer[] Layers, bool StopRequested) Collect(RankChannel channel, ParcelKey key, int layerCount, ComputeDevice? device = null) =>
        Collect(channel, Enumerable.Range(0, channel.WorldSize).Select(rank => (rank, key)), layerCount, device ?? ComputeDevice.Cpu);

    /// <summary>Waits for parcels that have every layer in one of them. The caller disposes the layers.</summary>
    public static (PreparedLayer[] Layers, bool StopRequested) Collect(
        RankChannel channel, IEnumerable<(int FromRank, ParcelKey Key)> parcels, int layerCount, ComputeDevice device)
    {
        var (layers, stopRequested) = (new PreparedLayer[layerCount], false);
        try
        {
            foreach (var (from, key) in parcels)
            {
                var parcel = channel.Receive<PreparedParcel>(from, key);
                stopRequested |= parcel.StopRequested;
                var placed = PreparedLayer.On(device, [.. parcel.Layers.Select(entry => entry.Value)]);
                for (var i = 0; i < placed.Count; i++)
                {
                    layers[parcel.Layers[i].Key] = placed[i];
                }
            }

            return (layers, stopRequested);
        }
        catch
        {
            foreach (var layer in layers)
            {
                layer?.Dispose(); // those that have not come are null
            }

            throw;
        }
    }
}
