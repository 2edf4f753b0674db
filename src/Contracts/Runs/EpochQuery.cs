namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>Which epochs of a run are wanted.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.EpochQuery")]
public sealed record EpochQuery
{
    /// <summary>Those after this one; 0 for all, which is what whoever has none yet asks for.</summary>
    [Id(0)] public int After { get; init; }

    /// <summary>At most so many, the newest of them.</summary>
    [Id(1)] public int Most { get; init; } = int.MaxValue;
}
