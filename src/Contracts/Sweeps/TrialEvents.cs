namespace Lcnn.Distributed.Contracts.Sweeps;

/// <summary>A run was begun for a trial: its first, or a retry from the start.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.TrialStarted")]
public sealed record TrialStarted : SweepEvent
{
    /// <summary>The trial's number in its sweep, from 1.</summary>
    [Id(0)] public int Number { get; init; }
    /// <summary>The values that the sweep chose for it.</summary>
    [Id(1)] public ParameterSet Parameters { get; init; } = ParameterSet.Empty;
    /// <summary>Id of the run that trains it: another one after a pause or a failure.</summary>
    [Id(2)] public string RunId { get; init; } = "";
    /// <summary>1 for the first.</summary>
    [Id(3)] public int Attempt { get; init; }
}

/// <summary>A trial has trained and evaluated an epoch.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.TrialReported")]
public sealed record TrialReported : SweepEvent
{
    /// <summary>The trial's number in its sweep, from 1.</summary>
    [Id(0)] public int Number { get; init; }
    /// <summary>The epoch, from 1.</summary>
    [Id(1)] public int Epoch { get; init; }
    /// <summary>What was measured, by metric.</summary>
    [Id(2)] public IReadOnlyDictionary<string, double> Metrics { get; init; } = new Dictionary<string, double>();
}

/// <summary>A trial waits with its snapshot: at a rung, or because the sweep is paused.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.TrialPaused")]
public sealed record TrialPaused : SweepEvent
{
    /// <summary>The trial's number in its sweep, from 1.</summary>
    [Id(0)] public int Number { get; init; }
    /// <summary>The rung it is at; null when the sweep is paused.</summary>
    [Id(1)] public int? Rung { get; init; }
    /// <summary>Epochs trained.</summary>
    [Id(2)] public int Epochs { get; init; }
}

/// <summary>A trial is among the best of its rung and goes on to the next.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.TrialPromoted")]
public sealed record TrialPromoted : SweepEvent
{
    /// <summary>The trial's number in its sweep, from 1.</summary>
    [Id(0)] public int Number { get; init; }
    /// <summary>The rung it is trained to now.</summary>
    [Id(1)] public int Rung { get; init; }
    /// <summary>Epochs at that rung.</summary>
    [Id(2)] public int TargetEpochs { get; init; }
}

/// <summary>A trial goes on from its snapshot.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.TrialResumed")]
public sealed record TrialResumed : SweepEvent
{
    /// <summary>The trial's number in its sweep, from 1.</summary>
    [Id(0)] public int Number { get; init; }
    /// <summary>The run that goes on.</summary>
    [Id(1)] public string RunId { get; init; } = "";
    /// <summary>Epochs in the snapshot.</summary>
    [Id(2)] public int Epochs { get; init; }
}

/// <summary>A trial is ended early.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.TrialStopped")]
public sealed record TrialStopped : SweepEvent
{
    /// <summary>The trial as it stood when it ended.</summary>
    [Id(0)] public TrialResult Trial { get; init; } = new();
    /// <summary>Why it was stopped, in a sentence for people.</summary>
    [Id(1)] public string Reason { get; init; } = "";
}

/// <summary>A trial is trained to the end.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.TrialCompleted")]
public sealed record TrialCompleted : SweepEvent
{
    /// <summary>The trial as it stood when it ended.</summary>
    [Id(0)] public TrialResult Trial { get; init; } = new();
}

/// <summary>A trial's run failed.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.TrialFailed")]
public sealed record TrialFailed : SweepEvent
{
    /// <summary>The trial as it stood when it ended.</summary>
    [Id(0)] public TrialResult Trial { get; init; } = new();
    /// <summary>Why it failed, in a sentence for people.</summary>
    [Id(1)] public string Error { get; init; } = "";
    /// <summary>Whether it is tried again.</summary>
    [Id(2)] public bool WillRetry { get; init; }
}
