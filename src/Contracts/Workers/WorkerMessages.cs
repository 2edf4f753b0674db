using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Contracts.Workers;

/// <summary>What a worker is to do in one generation of a run.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Generation">Membership number.</param>
/// <param name="Rank">0 .. world size - 1; rank 0 leads.</param>
/// <param name="WorldSize">Workers of the generation.</param>
/// <param name="Spec">What is trained.</param>
/// <param name="Threads">Shards computed at the same time.</param>
/// <param name="ResumeFrom">Verified snapshot folder to start from, or null.</param>
[GenerateSerializer, Immutable, Alias("lcnn.WorkerAssignment")]
public sealed record WorkerAssignment(
    [property: Id(0)] string RunId, [property: Id(1)] int Generation, [property: Id(2)] int Rank, [property: Id(3)] int WorldSize,
    [property: Id(4)] RunSpec Spec, [property: Id(5)] int Threads, [property: Id(6)] string? ResumeFrom);

/// <summary>A worker is ready.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.WorkerJoined")]
public sealed record WorkerJoined
{
    /// <summary>Its rank.</summary>
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
