namespace Lcnn.Distributed.Model.Training;

/// <summary>Everything some shards contribute to a step: one gradient a layer and the terms of the loss.</summary>
public sealed class ShardGradient(IReadOnlyList<LayerGradient> layers, BatchTerms terms) : IDisposable
{
    /// <summary>One gradient a layer, in the network's order.</summary>
    public IReadOnlyList<LayerGradient> Layers { get; } = layers;

    /// <summary>Their share of the loss.</summary>
    public BatchTerms Terms { get; } = terms;

    /// <summary>left + right; uses up both.</summary>
    public static ShardGradient Combine(ShardGradient left, ShardGradient right) =>
        new([.. left.Layers.Zip(right.Layers, LayerGradient.Combine)], left.Terms + right.Terms);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var layer in Layers)
        {
            layer.Dispose();
        }
    }
}
