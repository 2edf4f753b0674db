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
    /// <summary>Trained to the end.</summary>
    Completed = 4,
    /// <summary>Ended by an error, which its final event tells.</summary>
    Failed = 5,
    /// <summary>Stopped on request.</summary>
    Cancelled = 6,
    /// <summary>Too few slots are free; it begins or goes on by itself.</summary>
    Waiting = 7,
    /// <summary>Workers were lost or moved; the run goes back to its last snapshot.</summary>
    Recovering = 8,
}

/// <summary>A run at one moment.</summary>
/// <param name="Waiting">What it waits for, in a sentence for people; null when it does not wait.</param>
/// <param name="Tags">What people call it; null when it has none.</param>
[GenerateSerializer, Immutable, Alias("lcnn.RunStatus")]
public sealed record RunStatus(
    [property: Id(0)] string RunId, [property: Id(1)] RunPhase Phase, [property: Id(2)] long Step, [property: Id(3)] long TotalSteps,
    [property: Id(4)] long LastSequence, [property: Id(5)] int Generation = 0, [property: Id(6)] int Workers = 0, [property: Id(7)] string? Waiting = null, [property: Id(8)] IReadOnlyList<string>? Tags = null);
