using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Grains.Storage;
using MessagePack;

namespace Lcnn.Distributed.Grains.Runs;

/// <summary>What is stored of a run: the one authority on its generation, members and committed snapshot.</summary>
/// <remarks>Stored as MessagePack arrays. A key is never used for anything else; new ones are appended, and what is missing keeps its default.</remarks>
[MessagePackObject]
public sealed record RunRecord : IStoredRecord<RunRecord>
{
    /// <summary>Grows with every write. What directives carry is the generation.</summary>
    [Key(0)] public long Number { get; set; }

    /// <summary>The <see cref="RunSpec"/> in the JSON of <see cref="RunEventJson"/>; empty when no run was started.</summary>
    [Key(1)] public string SpecJson { get; set; } = "";

    /// <summary>When it was started: its place in the queue for slots.</summary>
    [Key(2)] public DateTimeOffset SubmittedAt { get; set; }

    [Key(3)] public RunPhase Phase { get; set; }

    /// <summary>Membership number, from 1; 0 before the first.</summary>
    [Key(4)] public int Generation { get; set; }

    /// <summary>The workers of the generation, in rank order.</summary>
    [Key(5)] public IReadOnlyList<MemberRecord> Members { get; set; } = [];

    // Key 6 was the secret of the run's streams, which is not stored any more.

    /// <summary>The newest committed snapshot.</summary>
    [Key(7)] public SnapshotRecord? CommittedSnapshot { get; set; }

    /// <summary>The one before it, should the newest be damaged.</summary>
    [Key(8)] public SnapshotRecord? PreviousSnapshot { get; set; }

    /// <summary>Recoveries of the whole run.</summary>
    [Key(9)] public int RecoveryCount { get; set; }

    /// <summary>Step of the last recovery.</summary>
    [Key(10)] public long RecoveryStep { get; set; }

    /// <summary>Recoveries in a row at that step from the loss of workers alone.</summary>
    [Key(11)] public int RecoveriesAtStep { get; set; }

    /// <summary>Who asked for the run to be stopped; empty when nobody did.</summary>
    [Key(12)] public string StopReason { get; set; } = "";

    /// <summary>The final event once it is decided, so that it can be logged again should the log lack it.</summary>
    [Key(13)] public string? FinalEventJson { get; set; }

    /// <summary>Whether the final event is logged and nothing is left to do.</summary>
    [Key(14)] public bool Ended { get; set; }

    /// <summary>The write that stored it, by a random id.</summary>
    [Key(15)] public Guid WriteId { get; set; }

    /// <summary>Steps of the whole run; 0 until its workers have seen the data.</summary>
    [Key(16)] public long TotalSteps { get; set; }

    /// <summary>Every evaluated epoch in order, an <see cref="EpochCompleted"/> in the JSON of <see cref="RunEventJson"/>.</summary>
    [Key(17)] public IReadOnlyList<string> EpochsJson { get; set; } = [];

    /// <summary>The newest generation that is over, written before its workers are told to leave.</summary>
    [Key(18)] public int ConcludedGeneration { get; set; }

    /// <summary>Losses of whole silos in a row at <see cref="RecoveryStep"/>.</summary>
    [Key(19)] public int SiloLossesAtStep { get; set; }

    /// <summary>Environment and data of the run's first workers, which all later ones must have; empty before.</summary>
    [Key(20)] public string Fingerprint { get; set; } = "";

    /// <summary>The sweep that started it; null for a run of its own, and where an earlier release stored it.</summary>
    [Key(21)] public string? SweepId { get; set; }

    /// <summary>Which run of its trial it is, from 1; 0 for a run of its own.</summary>
    [Key(22)] public int Segment { get; set; }

    /// <summary>The <see cref="RunStarted"/> as it was logged, in the JSON of <see cref="RunEventJson"/>: the log may forget it. Null before, and where an earlier release stored it.</summary>
    [Key(23)] public string? StartedEventJson { get; set; }

    /// <summary>What people call it.</summary>
    [Key(24)] public IReadOnlyList<string> Tags { get; set; } = [];

    bool IStoredRecord<RunRecord>.HasEnded => Ended;

    RunRecord IStoredRecord<RunRecord>.Stamped(long number, Guid writeId) => this with { Number = number, WriteId = writeId };
}

/// <summary>One worker of a generation and the slot it has.</summary>
[MessagePackObject]
public sealed record MemberRecord
{
    [Key(0)] public int Rank { get; set; }

    /// <summary>Its silo, as <c>SiloAddress.ToParsableString</c> writes it.</summary>
    [Key(1)] public string Silo { get; set; } = "";

    /// <summary>Its slot on that silo.</summary>
    [Key(2)] public int SlotIndex { get; set; }

    /// <summary>"cpu", or "cuda:" and the index.</summary>
    [Key(3)] public string Device { get; set; } = "";

    /// <summary>Random id of this activation of the worker: another one at the same place is another worker.</summary>
    [Key(4)] public Guid Incarnation { get; set; }
}

/// <summary>A committed snapshot.</summary>
[MessagePackObject]
public sealed record SnapshotRecord
{
    /// <summary>Full path of its folder, as its silo sees it.</summary>
    [Key(0)] public string Path { get; set; } = "";

    /// <summary>Steps done in it.</summary>
    [Key(1)] public long Step { get; set; }

    /// <summary>Generation that wrote it.</summary>
    [Key(2)] public int Generation { get; set; }

    /// <summary>SHA-256 over its weights.</summary>
    [Key(3)] public string WeightsSha256 { get; set; } = "";
}
