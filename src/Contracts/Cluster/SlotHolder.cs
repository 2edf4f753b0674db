namespace Lcnn.Distributed.Contracts.Cluster;

/// <summary>Who has a slot: one rank of one generation of a run.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.SlotHolder")]
public sealed record SlotHolder([property: Id(0)] string RunId, [property: Id(1)] int Generation, [property: Id(2)] int Rank);
