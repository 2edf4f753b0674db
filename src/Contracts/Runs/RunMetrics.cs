namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>The figures of a run so far.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.RunMetrics")]
public sealed record RunMetrics
{
    /// <summary>The run's id.</summary>
    [Id(0)] public string RunId { get; init; } = "";
    /// <summary>Where it stands.</summary>
    [Id(1)] public RunPhase Phase { get; init; }
    /// <summary>Every evaluated epoch in order, without its place in the log; of a resumed run those it made itself.</summary>
    [Id(2)] public IReadOnlyList<EpochCompleted> Epochs { get; init; } = [];
    /// <summary>The final event, such as the report of a completed run; null while the run goes on.</summary>
    [Id(3)] public RunEvent? Final { get; init; }
}
