using Lcnn.Distributed.Contracts.Cluster;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Contracts.Workers;

/// <summary>What a worker is to do in one generation of a run.</summary>
/// <param name="Generation">Membership number.</param>
/// <param name="Rank">0 .. world size - 1; rank 0 leads.</param>
/// <param name="WorldSize">Workers of the generation.</param>
/// <param name="Threads">Shards computed at the same time; 0 shares the silo's cores among the run's ranks on it.</param>
/// <param name="ResumeFrom">Verified snapshot folder to start from, or null.</param>
/// <param name="Slot">Where it runs.</param>
/// <param name="Incarnation">Random id of the worker: one that answers with another has forgotten this assignment.</param>
/// <param name="RanksOnSilo">Ranks of the generation on the same silo.</param>
[GenerateSerializer, Immutable, Alias("lcnn.WorkerAssignment")]
public sealed record WorkerAssignment(
    [property: Id(0)] string RunId, [property: Id(1)] int Generation, [property: Id(2)] int Rank, [property: Id(3)] int WorldSize,
    [property: Id(4)] RunSpec Spec, [property: Id(5)] int Threads, [property: Id(6)] string? ResumeFrom,
    [property: Id(7)] DeviceSlot Slot, [property: Id(8)] Guid Incarnation, [property: Id(9)] int RanksOnSilo);

/// <summary>A worker is ready.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.WorkerJoined")]
public sealed record WorkerJoined
{
    /// <summary>The worker's rank, from 0.</summary>
    [Id(0)] public int Rank { get; init; }
    /// <summary>Numerical environment and data set (promise P1).</summary>
    [Id(1)] public string Fingerprint { get; init; } = "";
    /// <summary>Where it computes.</summary>
    [Id(2)] public string Device { get; init; } = "cpu";
    /// <summary>Training samples.</summary>
    [Id(3)] public int TrainSamples { get; init; }
    /// <summary>Test samples.</summary>
    [Id(4)] public int TestSamples { get; init; }
    /// <summary>Optimizer steps of one epoch.</summary>
    [Id(5)] public int StepsPerEpoch { get; init; }
    /// <summary>Learnable numbers in the network.</summary>
    [Id(6)] public long ParameterCount { get; init; }
    /// <summary>Steps already done by the snapshot.</summary>
    [Id(7)] public long ResumedAtStep { get; init; }
    /// <summary>Layers it owns.</summary>
    [Id(8)] public int OwnedLayers { get; init; }
    /// <summary>Where its parcels go.</summary>
    [Id(9)] public PeerAddress Peer { get; init; } = new("", "");
    /// <summary>Shards computed at the same time.</summary>
    [Id(10)] public int Threads { get; init; }
    /// <summary>Where it runs.</summary>
    [Id(11)] public string Silo { get; init; } = "";
    /// <summary>What the labels mean, by label; empty where nobody says.</summary>
    [Id(12)] public IReadOnlyList<string> ClassNames { get; init; } = [];
}

/// <summary>A worker at one moment, told every few seconds: proof of life, and of progress while <see cref="Progress"/> grows.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.WorkerPulse")]
public sealed record WorkerPulse
{
    /// <summary>The worker's rank, from 0.</summary>
    [Id(0)] public int Rank { get; init; }
    /// <summary>Of its assignment; empty when it has none.</summary>
    [Id(1)] public Guid Incarnation { get; init; }
    /// <summary>Steps done.</summary>
    [Id(2)] public long Step { get; init; }
    /// <summary>What it is doing, for people.</summary>
    [Id(3)] public string Activity { get; init; } = "";
    /// <summary>The rank it waits for; -1 when it does not wait.</summary>
    [Id(4)] public int WaitingFor { get; init; } = -1;
    /// <summary>Grows with everything it gets done.</summary>
    [Id(5)] public long Progress { get; init; }
    /// <summary>Whether it was told to begin.</summary>
    [Id(6)] public bool HasBegun { get; init; }
    /// <summary>How it ended, if it did.</summary>
    [Id(7)] public WorkerFinished? Finished { get; init; }
    /// <summary>How it broke, if it did.</summary>
    [Id(8)] public WorkerFailed? Failed { get; init; }
    /// <summary>Whether its training has ended, well or not, and only its last reports are on their way: there is nothing left to make progress with.</summary>
    [Id(9)] public bool IsReporting { get; init; }
    /// <summary>What it did since it began, as of a second or so ago; null before its first step, and of a release that does not say.</summary>
    [Id(10)] public RankReport? Work { get; init; }
}

/// <summary>A rank cannot go on.</summary>
/// <param name="Rank">The rank that reports.</param>
/// <param name="Error">What, where, expected and got, what to do.</param>
/// <param name="Kind">What is to follow from it.</param>
/// <param name="Unreachable">The rank that it cannot reach any more; -1 if that is not the cause.</param>
[GenerateSerializer, Immutable, Alias("lcnn.WorkerFailed")]
public sealed record WorkerFailed(
    [property: Id(0)] int Rank, [property: Id(1)] string Error, [property: Id(2)] FailureKind Kind, [property: Id(3)] int Unreachable = -1);

/// <summary>What follows from a rank's failure.</summary>
[GenerateSerializer]
public enum FailureKind
{
    /// <summary>The worker is lost; others can go on from the last snapshot.</summary>
    Lost = 0,
    /// <summary>Training itself broke: a replay would break at the same step.</summary>
    Training = 1,
    /// <summary>The user must change an argument or a file.</summary>
    BadInput = 2,
}

/// <summary>A rank has ended.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.WorkerFinished")]
public sealed record WorkerFinished
{
    /// <summary>What it did.</summary>
    [Id(0)] public RankReport Report { get; init; } = new();
    /// <summary>Whether it ended on request before the last step.</summary>
    [Id(1)] public bool Stopped { get; init; }
    /// <summary>Steps done.</summary>
    [Id(2)] public long Step { get; init; }
    /// <summary>From the leading rank alone: the results, without ranks and spec.</summary>
    [Id(3)] public RunCompleted? Results { get; init; }
}

/// <summary>The data set or the snapshot cannot be used: the user must change an argument or a file.</summary>
[GenerateSerializer, Alias("lcnn.WorkerInputException")]
public sealed class WorkerInputException(string message) : Exception(message);
