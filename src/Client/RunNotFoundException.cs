namespace Lcnn.Distributed.Client;

/// <summary>The cluster has no such run.</summary>
public sealed class RunNotFoundException(string runId, string? reason = null)
    : Exception($"run {runId} is not known to the cluster; {reason ?? "'lcnn runs' lists those that are"}")
{
    /// <summary>The id asked for.</summary>
    public string RunId { get; } = runId;
}
