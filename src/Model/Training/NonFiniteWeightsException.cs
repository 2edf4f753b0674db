namespace Lcnn.Distributed.Model.Training;

/// <summary>A layer's state holds NaN or infinity after an update: training has diverged.</summary>
public sealed class NonFiniteWeightsException(string layer, string tensor)
    : Exception($"'{tensor}' of layer '{layer}' is not finite; lower --lr or the loss weights, or look for bad samples")
{
    /// <summary>Path of the layer.</summary>
    public string Layer { get; } = layer;
}
