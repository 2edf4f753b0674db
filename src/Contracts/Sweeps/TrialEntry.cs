using System.Text.Json.Serialization;

namespace Lcnn.Distributed.Contracts.Sweeps;

/// <summary>Where a trial stands.</summary>
[GenerateSerializer, JsonConverter(typeof(CamelCaseEnumConverter<TrialState>))]
public enum TrialState
{
    /// <summary>Chosen, and waiting for its turn or for a retry.</summary>
    Pending = 0,
    /// <summary>Its run is under way.</summary>
    Running = 1,
    /// <summary>At a rung, its snapshot kept, until it is promoted or the sweep ends.</summary>
    Paused = 2,
    /// <summary>Trained to the end.</summary>
    Completed = 3,
    /// <summary>Ended early.</summary>
    Stopped = 4,
    /// <summary>Broken, and not tried again.</summary>
    Failed = 5,
}

/// <summary>What is known of one trial: everything that samplers and schedulers go by.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.TrialEntry")]
public sealed record TrialEntry
{
    /// <summary>Its number, from 1.</summary>
    [Id(0)] public int Number { get; init; }

    /// <summary>Its place among the trials that the sampler chose, from 1; 0 for one added by hand.</summary>
    [Id(1)] public int Draw { get; init; }

    /// <summary>The values that the sweep chose for it.</summary>
    [Id(2)] public ParameterSet Parameters { get; init; } = ParameterSet.Empty;

    /// <summary>Where it stands.</summary>
    [Id(3)] public TrialState State { get; init; }

    /// <summary>Its present or last run; empty before the first.</summary>
    [Id(4)] public string RunId { get; init; } = "";

    /// <summary>Runs begun for it that were not the continuation of a paused one.</summary>
    [Id(5)] public int Attempts { get; init; }

    /// <summary>Epochs trained.</summary>
    [Id(6)] public int Epochs { get; init; }

    /// <summary>By name, of its newest epoch; empty before the first.</summary>
    [Id(7)] public IReadOnlyDictionary<string, double> Metrics { get; init; } = new Dictionary<string, double>();

    /// <summary>SHA-256 over the weights; null before there are any.</summary>
    [Id(8)] public string? WeightsSha256 { get; init; }

    /// <summary>Why it failed or was stopped.</summary>
    [Id(9)] public string? Error { get; init; }

    /// <summary>One report per epoch, in order.</summary>
    [Id(10)] public IReadOnlyList<TrialReport> Reports { get; init; } = [];

    /// <summary>The rung it is trained to, or waits at when paused; 0 is the lowest.</summary>
    [Id(11)] public int Rung { get; init; }

    /// <summary>When its first run began.</summary>
    [Id(12)] public DateTimeOffset? StartedAt { get; init; }

    /// <summary>Whether nothing more comes of it.</summary>
    [JsonIgnore] public bool IsFinished => State is TrialState.Completed or TrialState.Stopped or TrialState.Failed;

    /// <summary>What is told to clients.</summary>
    public TrialResult ToResult() => new()
    {
        Number = Number,
        Parameters = Parameters,
        State = State,
        RunId = RunId,
        Attempts = Attempts,
        Epochs = Epochs,
        Metrics = Metrics,
        WeightsSha256 = WeightsSha256,
        Error = Error,
    };
}

/// <summary>What a trial reported after an epoch.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.TrialReport")]
public sealed record TrialReport([property: Id(0)] int Epoch, [property: Id(1)] IReadOnlyDictionary<string, double> Metrics);

/// <summary>A trial as a line of the leaderboard and of the result.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.TrialResult")]
public sealed record TrialResult
{
    /// <summary>Its number, from 1.</summary>
    [Id(0)] public int Number { get; init; }
    /// <summary>The values that the sweep chose for it.</summary>
    [Id(1)] public ParameterSet Parameters { get; init; } = ParameterSet.Empty;
    /// <summary>Where it stands; in a result completed, stopped or failed.</summary>
    [Id(2)] public TrialState State { get; init; }
    /// <summary>Its last run.</summary>
    [Id(3)] public string RunId { get; init; } = "";
    /// <summary>Runs begun for it that were not the continuation of a paused one.</summary>
    [Id(4)] public int Attempts { get; init; }
    /// <summary>Epochs trained.</summary>
    [Id(5)] public int Epochs { get; init; }
    /// <summary>By name, of its newest epoch; empty before the first.</summary>
    [Id(6)] public IReadOnlyDictionary<string, double> Metrics { get; init; } = new Dictionary<string, double>();
    /// <summary>SHA-256 over the weights; null when there are none.</summary>
    [Id(7)] public string? WeightsSha256 { get; init; }
    /// <summary>Why it failed or was stopped; null otherwise.</summary>
    [Id(8)] public string? Error { get; init; }
}
