using Lcnn.Distributed.Grains.Collectives;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Training;

namespace Lcnn.Distributed.Grains.Workers;

/// <summary>Gives every owner the norm of all gradients before any is applied: one number a layer from its owner to all, added in the network's order by each.</summary>
internal static class GradientNormExchange
{
    /// <summary>What every gradient of the step is multiplied by, the same on all ranks; blocks while it waits for others.</summary>
    /// <param name="channel">To the others.</param>
    /// <param name="step">Steps done.</param>
    /// <param name="owned">The squared norm of each layer that this rank owns.</param>
    /// <param name="network">What is trained.</param>
    /// <param name="maximum">The norm to clip to.</param>
    /// <exception cref="NonFiniteGradientException">The norm is NaN or infinite; every rank says so of the same layer.</exception>
    public static double ScaleOf(RankChannel channel, long step, IReadOnlyList<KeyValuePair<int, double>> owned, Network network, double maximum)
    {
        var key = new ParcelKey(ParcelKind.GradientNorms, step);
        channel.Broadcast(key, new GradientNormsParcel(owned));
        var squares = new double[network.Layers.Count];
        foreach (var (layer, square) in channel.Gather<GradientNormsParcel>(key).SelectMany(parcel => parcel.Squares))
        {
            squares[layer] = square;
        }

        return GradientClipping.ScaleOf(squares, maximum, layer => network.Layers[layer].Path);
    }
}
