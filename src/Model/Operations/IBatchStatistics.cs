using Lcnn.Distributed.Model.Layers;

namespace Lcnn.Distributed.Model.Operations;

/// <summary>An operation that normalises by its batch and says by what.</summary>
internal interface IBatchStatistics
{
    /// <summary>The layer whose running statistics take them.</summary>
    int LayerIndex { get; }

    /// <summary>Of this shard's samples, after the forward pass.</summary>
    BatchStatistics Statistics { get; }
}
