using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.Grains.Storage;
using MessagePack;

namespace Lcnn.Distributed.Grains.Sweeps;

/// <summary>What is stored of a sweep: the one authority on its trials, which themselves are in its journal (<see cref="SweepJournal"/>).</summary>
/// <remarks>Stored as MessagePack arrays. A key is never used for anything else; new ones are appended, and what is missing keeps its default.</remarks>
[MessagePackObject]
public sealed record SweepRecord : IStoredRecord<SweepRecord>
{
    /// <summary>Grows with every write.</summary>
    [Key(0)] public long Number { get; set; }

    /// <summary>The write that stored it, by a random id.</summary>
    [Key(1)] public Guid WriteId { get; set; }

    /// <summary>The <see cref="SweepSpec"/> as JSON; empty when no sweep was started.</summary>
    [Key(2)] public string SpecJson { get; set; } = "";

    [Key(3)] public DateTimeOffset SubmittedAt { get; set; }

    [Key(4)] public SweepPhase Phase { get; set; }

    /// <summary>
    /// Every trial by number, a <see cref="TrialRecord"/> as JSON, where an earlier release stored it. With a journal <see cref="InJournal"/>, which is no trial: an earlier
    /// release that finds it fails to read it, and does not take the sweep for one without trials.
    /// </summary>
    [Key(5)] public IReadOnlyList<string> TrialsJson { get; set; } = [];

    /// <summary>Trials that were asked for beyond the spec's.</summary>
    [Key(6)] public int ExtraDraws { get; set; }

    /// <summary>Requests for more trials that were granted.</summary>
    [Key(7)] public IReadOnlyList<Guid> Requests { get; set; } = [];

    /// <summary>Who, which budget or which failure ends it early; empty while nothing does.</summary>
    [Key(8)] public string StopReason { get; set; } = "";

    /// <summary>Time it was not paused, up to this write.</summary>
    [Key(9)] public TimeSpan Active { get; set; }

    /// <summary>Events of this write, as JSON; whoever takes the sweep up sees to it that they are in the log.</summary>
    [Key(10)] public IReadOnlyList<string> NewEventsJson { get; set; } = [];

    /// <summary>Number of the log's newest event before those.</summary>
    [Key(11)] public long LogSequence { get; set; }

    /// <summary>Failures of the scheduling in a row without progress between them.</summary>
    [Key(12)] public int Failures { get; set; }

    /// <summary>Progress of the trials at the last of them.</summary>
    [Key(13)] public long FailureProgress { get; set; }

    /// <summary>The <see cref="SweepChange"/> of the newest write that changed trials, as JSON; whoever takes the sweep up sees to it that it is in the journal. Empty where there is none.</summary>
    [Key(14)] public string ChangeJson { get; set; } = "";

    /// <summary>Number of the journal's newest entry before that.</summary>
    [Key(15)] public long JournalSequence { get; set; }

    /// <summary>What <see cref="TrialsJson"/> says once the trials are in the journal.</summary>
    internal static IReadOnlyList<string> InJournal { get; } = ["\"the trials are in the sweep's journal\""];

    /// <summary>Whether the trials are in the journal.</summary>
    internal bool HasJournal => JournalEnd > 0;

    /// <summary>Number of the journal's newest entry, that of <see cref="ChangeJson"/> included.</summary>
    internal long JournalEnd => JournalSequence + (ChangeJson.Length > 0 ? 1 : 0);

    bool IStoredRecord<SweepRecord>.HasEnded => Phase is SweepPhase.Completed or SweepPhase.Failed;

    SweepRecord IStoredRecord<SweepRecord>.Stamped(long number, Guid writeId) => this with { Number = number, WriteId = writeId };
}

/// <summary>A trial, and what the sweep alone needs to know of it.</summary>
public sealed record TrialRecord
{
    /// <summary>What everybody may know.</summary>
    public TrialEntry Entry { get; init; } = new();

    /// <summary>Runs begun for it, continuations included; the newest one's id follows from it.</summary>
    public int Segment { get; init; }

    /// <summary>Folder of the snapshot that its next run goes on from; null to start afresh.</summary>
    public string? Snapshot { get; init; }

    /// <summary>Why its run is being stopped for good; null when it is not.</summary>
    public string? StopReason { get; init; }

    /// <summary>Whether its run is being stopped because the sweep pauses.</summary>
    public bool IsPausing { get; init; }

    /// <summary>Time that its runs have trained, up to <see cref="CountedTo"/>: neither pauses nor waits for slots.</summary>
    public TimeSpan Trained { get; init; }

    /// <summary>When its present run was last heard of, or begun; null while it has none.</summary>
    public DateTimeOffset? CountedTo { get; init; }

    /// <summary>Whether the present run trained when it was last heard of.</summary>
    public bool IsTraining { get; init; }

    /// <summary>Time that its runs have trained by now.</summary>
    public TimeSpan TrainedBy(DateTimeOffset now) => IsTraining ? Trained + Since(now) : Trained;

    /// <summary>The trial after news of its run.</summary>
    public TrialRecord Counted(DateTimeOffset now, bool isTraining) =>
        this with { Trained = isTraining ? Trained + Since(now) : Trained, CountedTo = now, IsTraining = isTraining };

    /// <summary>The trial after the end of its run.</summary>
    public TrialRecord Ended(DateTimeOffset now) => this with { Trained = TrainedBy(now), CountedTo = null, IsTraining = false };

    private TimeSpan Since(DateTimeOffset now) => CountedTo is { } then && now > then ? now - then : TimeSpan.Zero;
}
