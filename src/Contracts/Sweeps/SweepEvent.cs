using System.Text.Json.Serialization;

namespace Lcnn.Distributed.Contracts.Sweeps;

/// <summary>One numbered entry of a sweep's log; the kinds are the records below and in TrialEvents.cs.</summary>
/// <remarks>Readers must ignore kinds and members they do not know. On the wire and in JSON the kinds are append-only.</remarks>
[GenerateSerializer, Immutable, Alias("lcnn.SweepEvent")]
[JsonPolymorphic(TypeDiscriminatorPropertyName = "event")]
[JsonDerivedType(typeof(SweepStarted), "sweepStarted")]
[JsonDerivedType(typeof(TrialStarted), "trialStarted")]
[JsonDerivedType(typeof(TrialReported), "trialReported")]
[JsonDerivedType(typeof(TrialPaused), "trialPaused")]
[JsonDerivedType(typeof(TrialPromoted), "trialPromoted")]
[JsonDerivedType(typeof(TrialResumed), "trialResumed")]
[JsonDerivedType(typeof(TrialStopped), "trialStopped")]
[JsonDerivedType(typeof(TrialCompleted), "trialCompleted")]
[JsonDerivedType(typeof(TrialFailed), "trialFailed")]
[JsonDerivedType(typeof(BestChanged), "bestChanged")]
[JsonDerivedType(typeof(SweepPaused), "sweepPaused")]
[JsonDerivedType(typeof(SweepResumed), "sweepResumed")]
[JsonDerivedType(typeof(TrialsAdded), "trialsAdded")]
[JsonDerivedType(typeof(SweepCompleted), "sweepCompleted")]
[JsonDerivedType(typeof(SweepFailed), "sweepFailed")]
[JsonDerivedType(typeof(SweepWarning), "sweepWarning")]
public abstract record SweepEvent : INumberedEvent
{
    /// <summary>Version of the event's shape; members are only ever added within one.</summary>
    [Id(0)] public int Schema { get; init; } = 1;

    /// <summary>The sweep's id, as <c>sweep start</c> answered it.</summary>
    [Id(1)] public string SweepId { get; init; } = "";

    /// <summary>Position in the sweep's log, from 1, without gaps.</summary>
    [Id(2)] public long Sequence { get; init; }

    /// <summary>When the sweep logged it.</summary>
    [Id(3)] public DateTimeOffset Time { get; init; }

    /// <summary>Whether the sweep emits nothing after this.</summary>
    [JsonIgnore] public virtual bool IsFinal => false;
}

/// <summary>The sweep is accepted and stored.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.SweepStarted")]
public sealed record SweepStarted : SweepEvent
{
    /// <summary>Everything the sweep was asked for, defaults included.</summary>
    [Id(0)] public SweepSpec Spec { get; init; } = new();
    /// <summary>Trials planned.</summary>
    [Id(1)] public int Trials { get; init; }
}

/// <summary>A better trial than all before, or another Pareto front.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.BestChanged")]
public sealed record BestChanged : SweepEvent
{
    /// <summary>The trial; with several goals the front's best by the first of them.</summary>
    [Id(0)] public TrialResult Best { get; init; } = new();
    /// <summary>Numbers of the trials that no other beats in every goal; empty for one goal.</summary>
    [Id(1)] public IReadOnlyList<int> ParetoFront { get; init; } = [];
}

/// <summary>No trial is under way until somebody resumes the sweep.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.SweepPaused")]
public sealed record SweepPaused : SweepEvent;

/// <summary>The sweep goes on after a pause.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.SweepResumed")]
public sealed record SweepResumed : SweepEvent;

/// <summary>Somebody added trials.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.TrialsAdded")]
public sealed record TrialsAdded : SweepEvent
{
    /// <summary>Trials added.</summary>
    [Id(0)] public int Count { get; init; }
    /// <summary>Trials planned now.</summary>
    [Id(1)] public int Trials { get; init; }
}

/// <summary>The sweep is done; its result is also in <c>sweep.json</c>.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.SweepCompleted")]
public sealed record SweepCompleted : SweepEvent
{
    /// <summary>The best trial; null when none has a result.</summary>
    [Id(0)] public TrialResult? Best { get; init; }
    /// <summary>Every trial, by number.</summary>
    [Id(1)] public IReadOnlyList<TrialResult> Trials { get; init; } = [];
    /// <summary>Numbers of the trials that no other beats in every goal; empty for one goal.</summary>
    [Id(2)] public IReadOnlyList<int> ParetoFront { get; init; } = [];
    /// <summary>Epochs that the trials made together.</summary>
    [Id(3)] public long Epochs { get; init; }
    /// <summary>Since the start, pauses left out, in seconds.</summary>
    [Id(4)] public double Seconds { get; init; }
    /// <summary>Who or which budget ended it before every trial was done, or in an export why it failed; null when nothing did.</summary>
    [Id(5)] public string? StopReason { get; init; }
    /// <summary>Folder of the sweep on the silos.</summary>
    [Id(6)] public string OutputDirectory { get; init; } = "";

    /// <inheritdoc/>
    [JsonIgnore] public override bool IsFinal => true;
}

/// <summary>The sweep could not go on.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.SweepFailed")]
public sealed record SweepFailed : SweepEvent
{
    /// <summary>What, where, and what to do.</summary>
    [Id(0)] public string Error { get; init; } = "";
    /// <summary>Whether the user's input caused it.</summary>
    [Id(1)] public bool BadInput { get; init; }
    /// <summary>Every trial as it was left, by number.</summary>
    [Id(2)] public IReadOnlyList<TrialResult> Trials { get; init; } = [];

    /// <inheritdoc/>
    [JsonIgnore] public override bool IsFinal => true;
}

/// <summary>Something to know that ends nothing.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.SweepWarning")]
public sealed record SweepWarning : SweepEvent
{
    /// <summary>What, and what to do.</summary>
    [Id(0)] public string Message { get; init; } = "";
}
