namespace Lcnn.Distributed.Model.Networks;

/// <summary>Which statistics batch norm normalises by.</summary>
public enum Normalization
{
    /// <summary>Those of the samples at hand, which are also collected: training.</summary>
    Batch,

    /// <summary>The running statistics: evaluation, and training with frozen statistics.</summary>
    Running,
}
