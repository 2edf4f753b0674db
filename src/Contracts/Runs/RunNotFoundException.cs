namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>The cluster has no such run.</summary>
[GenerateSerializer, Alias("lcnn.RunNotFoundException")]
public sealed class RunNotFoundException : Exception
{
    /// <summary>Names the run, and why it is not known if that can be told.</summary>
    public RunNotFoundException(string runId, string? reason = null)
        : base($"run {runId} is not known to the cluster; {reason ?? "'lcnn runs' lists those that are"}") => RunId = runId;

    /// <summary>The id asked for.</summary>
    [Id(0)] public string RunId { get; }
}
