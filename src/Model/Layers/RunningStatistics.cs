namespace Lcnn.Distributed.Model.Layers;

/// <summary>How much a batch counts in the running statistics of a batch norm, which begin at mean 0 and variance 1.</summary>
public enum RunningStatistics
{
    /// <summary>A tenth, from the first batch on: after 23 steps a tenth of the beginning is still in them.</summary>
    Reference,

    /// <summary>The t-th a t-th, then a tenth: the plain mean of the first ten batches, without the beginning.</summary>
    Warm,
}
