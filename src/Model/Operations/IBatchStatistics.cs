using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Operations;

/// <summary>An operation that normalises by its batch and says by what.</summary>
internal interface IBatchStatistics
{
    /// <summary>The layer whose running statistics take them.</summary>
    int LayerIndex { get; }

    /// <summary>Values a channel in this shard.</summary>
    double Count { get; }

    /// <summary>Mean and unbiased variance of this shard's samples, shape [2 C], after the forward pass; one read of the device then serves all layers.</summary>
    Tensor Moments { get; }
}
