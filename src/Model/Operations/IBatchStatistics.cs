using Lcnn.Distributed.Model.Layers;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Operations;

/// <summary>An operation that normalises by its batch and says by what.</summary>
internal interface IBatchStatistics
{
    /// <summary>The layer whose running statistics take them.</summary>
    int LayerIndex { get; }

    /// <summary>Numbers of a device, shape [n], that <see cref="StatisticsFrom"/> wants on the host, read together with those of others; null for none.</summary>
    Tensor? ToRead { get; }

    /// <summary>Of this shard's samples, after the forward pass.</summary>
    /// <param name="read">Those of <see cref="ToRead"/>.</param>
    BatchStatistics StatisticsFrom(ReadOnlySpan<double> read);
}
