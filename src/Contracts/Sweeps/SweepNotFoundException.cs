namespace Lcnn.Distributed.Contracts.Sweeps;

/// <summary>The cluster has no such sweep.</summary>
[GenerateSerializer, Alias("lcnn.SweepNotFoundException")]
public sealed class SweepNotFoundException(string sweepId)
    : Exception($"sweep {sweepId} is not known to the cluster; 'lcnn sweep list' shows those that are");
