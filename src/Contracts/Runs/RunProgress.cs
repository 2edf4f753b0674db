namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>How far a run has come, for those who wait for its epochs and its end.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.RunProgress")]
public sealed record RunProgress
{
    /// <summary>Where it stands.</summary>
    [Id(0)] public RunPhase Phase { get; init; }

    /// <summary>The evaluated epochs after the one asked for, in order; of a resumed run its own.</summary>
    [Id(1)] public IReadOnlyList<EpochCompleted> Epochs { get; init; } = [];

    /// <summary>How it ended; null while it has not.</summary>
    [Id(2)] public RunEvent? Final { get; init; }

    /// <summary>Folder of the newest committed snapshot.</summary>
    [Id(3)] public string? Snapshot { get; init; }

    /// <summary>SHA-256 over the weights of that snapshot.</summary>
    [Id(4)] public string? WeightsSha256 { get; init; }
}
