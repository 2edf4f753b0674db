using Lcnn.Distributed.Model.Networks;

namespace Lcnn.Distributed.Model.Training;

/// <summary>The layers whose gradients travel together, in the order in which a backward pass is done with them.</summary>
/// <remarks>A function of the network and the size alone, and without influence on any number: only on when gradients leave.</remarks>
public sealed class GradientBuckets
{
    /// <summary>Size at which a bucket is full. Small networks then send once, large ones while backward runs.</summary>
    public const long DefaultBytes = 1 << 20;

    private readonly List<GradientBucket> _buckets = [];

    /// <summary>Fills buckets from the end of the network; each begins with a whole node and has at least one layer.</summary>
    /// <param name="bytes">Of gradients, from which on a bucket is full.</param>
    public GradientBuckets(Network network, long bytes = DefaultBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes);
        var (end, size) = (network.Nodes.Count, 0L);
        for (var node = end - 1; node >= 0; node--)
        {
            size += network.Layers.Take(network.Nodes[node].Layers).Sum(layer => layer.EffectiveCount) * sizeof(float);
            if (size >= bytes || node == 0)
            {
                _buckets.Add(new GradientBucket(network.Nodes[node].Layers.Start..network.Nodes[end - 1].Layers.End));
                (end, size) = (node, 0);
            }
        }
    }

    public int Count => _buckets.Count;

    /// <summary>One of them, from 0.</summary>
    internal GradientBucket this[int number] => _buckets[number];

    /// <summary>All layers in one bucket.</summary>
    public static GradientBuckets One(Network network) => new(network, long.MaxValue);

    /// <summary>The layers of a bucket, by index.</summary>
    public Range LayersOf(int number) => _buckets[number].Layers;
}

/// <summary>One bucket.</summary>
/// <param name="Layers">Its layers, by index.</param>
internal sealed record GradientBucket(Range Layers);
