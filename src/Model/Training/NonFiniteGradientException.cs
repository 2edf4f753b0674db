namespace Lcnn.Distributed.Model.Training;

/// <summary>A summed gradient holds NaN or infinity: training has diverged.</summary>
public sealed class NonFiniteGradientException(string layer)
    : Exception($"the gradient of layer '{layer}' is not finite; lower --lr or the loss weights, or look for bad samples")
{
    /// <summary>Path of the layer.</summary>
    public string Layer { get; } = layer;
}
