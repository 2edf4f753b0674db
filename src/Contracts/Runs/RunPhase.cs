namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>Where a run stands.</summary>
[GenerateSerializer]
public enum RunPhase
{
    /// <summary>No such run was started.</summary>
    Unknown = 0,
    /// <summary>Workers load data and join.</summary>
    Starting = 1,
    /// <summary>Steps are being made.</summary>
    Training = 2,
    /// <summary>A stop was asked for; the snapshot is being written.</summary>
    Stopping = 3,
    /// <summary>Done.</summary>
    Completed = 4,
    /// <summary>Broken.</summary>
    Failed = 5,
    /// <summary>Stopped on request.</summary>
    Cancelled = 6,
}

/// <summary>A run at one moment.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.RunStatus")]
public sealed record RunStatus(
    [property: Id(0)] string RunId, [property: Id(1)] RunPhase Phase, [property: Id(2)] long Step, [property: Id(3)] long TotalSteps,
    [property: Id(4)] long LastSequence);
