namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>One rank of a run that goes on, as its worker told some seconds ago.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.RankStatus")]
public sealed record RankStatus
{
    /// <summary>The rank, from 0.</summary>
    [Id(0)] public int Rank { get; init; }
    /// <summary>Its silo, as <c>SiloAddress.ToParsableString</c> writes it.</summary>
    [Id(1)] public string Silo { get; init; } = "";
    /// <summary>"cpu", or "cuda:" and the index.</summary>
    [Id(2)] public string Device { get; init; } = "";
    /// <summary>Steps done.</summary>
    [Id(3)] public long Step { get; init; }
    /// <summary>What it is doing, for people.</summary>
    [Id(4)] public string Activity { get; init; } = "";
    /// <summary>The rank it waits for; -1 when it does not wait.</summary>
    [Id(5)] public int WaitingFor { get; init; } = -1;
    /// <summary>What it did since it joined; null before its first step.</summary>
    [Id(6)] public RankReport? Work { get; init; }
}
