namespace Lcnn.Distributed.Model.Networks;

/// <summary>Which statistics batch norm normalises by.</summary>
public enum Normalization
{
    /// <summary>Those of a shard's own samples, which are also collected: training.</summary>
    Shard,

    /// <summary>The running statistics: evaluation, and training with frozen statistics.</summary>
    Running,

    /// <summary>Those of the whole global batch, which are also collected: training, and the same objective for any number of shards.</summary>
    Global,
}
