using System.Text.Json.Serialization;

namespace Lcnn.Distributed.Contracts.Sweeps;

/// <summary>Where a sweep stands.</summary>
[GenerateSerializer, JsonConverter(typeof(CamelCaseEnumConverter<SweepPhase>))]
public enum SweepPhase
{
    /// <summary>No such sweep was started.</summary>
    Unknown = 0,
    /// <summary>Trials are begun and followed.</summary>
    Running = 1,
    /// <summary>Trials are being paused on request.</summary>
    Pausing = 2,
    /// <summary>No trial is under way until somebody resumes it.</summary>
    Paused = 3,
    /// <summary>Trials are being stopped: on request or because a budget is spent.</summary>
    Stopping = 4,
    /// <summary>Done, stopped ones included.</summary>
    Completed = 5,
    /// <summary>It could not go on.</summary>
    Failed = 6,
}

/// <summary>Trials by state.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.TrialCounts")]
public sealed record TrialCounts
{
    /// <summary>Trials there will be, as far as it is known; those not chosen yet are counted here alone.</summary>
    [Id(0)] public int Planned { get; init; }
    /// <summary>Waiting for their turn.</summary>
    [Id(1)] public int Pending { get; init; }
    /// <summary>Under way.</summary>
    [Id(2)] public int Running { get; init; }
    /// <summary>Paused at a rung of the scheduler, until promoted or given up.</summary>
    [Id(3)] public int Paused { get; init; }
    /// <summary>Trained to the end.</summary>
    [Id(4)] public int Completed { get; init; }
    /// <summary>Ended early.</summary>
    [Id(5)] public int Stopped { get; init; }
    /// <summary>Failed for good.</summary>
    [Id(6)] public int Failed { get; init; }
}

/// <summary>A sweep at one moment.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.SweepStatus")]
public sealed record SweepStatus
{
    /// <summary>The sweep's id.</summary>
    [Id(0)] public string SweepId { get; init; } = "";
    /// <summary>The name that its file gives it.</summary>
    [Id(1)] public string Name { get; init; } = "";
    /// <summary>Where it stands.</summary>
    [Id(2)] public SweepPhase Phase { get; init; }
    /// <summary>Trials by state.</summary>
    [Id(3)] public TrialCounts Trials { get; init; } = new();
    /// <summary>What is sought.</summary>
    [Id(4)] public IReadOnlyList<GoalSpec> Goals { get; init; } = [];
    /// <summary>The best trial so far; null before there is one.</summary>
    [Id(5)] public TrialResult? Best { get; init; }
    /// <summary>The best trials, best first.</summary>
    [Id(6)] public IReadOnlyList<TrialResult> Leaderboard { get; init; } = [];
    /// <summary>Device slots of the cluster that nothing holds.</summary>
    [Id(7)] public int FreeSlots { get; init; }
    /// <summary>Device slots of the cluster.</summary>
    [Id(8)] public int TotalSlots { get; init; }
    /// <summary>Since the start, pauses left out.</summary>
    [Id(9)] public TimeSpan Elapsed { get; init; }
    /// <summary>Estimate of the time left; null while nothing is known.</summary>
    [Id(10)] public TimeSpan? TimeLeft { get; init; }
    /// <summary>Epochs that the trials made together.</summary>
    [Id(11)] public long Epochs { get; init; }
    /// <summary>Number of the newest event.</summary>
    [Id(12)] public long LastSequence { get; init; }
    /// <summary>Folder of the sweep on the silos.</summary>
    [Id(13)] public string OutputDirectory { get; init; } = "";
    /// <summary>Who or which budget ends it before every trial is done, or why it failed; null while nothing does.</summary>
    [Id(14)] public string? StopReason { get; init; }
}
