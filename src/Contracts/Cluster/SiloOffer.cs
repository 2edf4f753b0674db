namespace Lcnn.Distributed.Contracts.Cluster;

/// <summary>What a silo can train beyond what is built in, by name, and which fields of a run it understands.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.SiloOffer")]
public sealed record SiloOffer
{
    /// <summary>Data sets that its program adds.</summary>
    [Id(0)] public IReadOnlyList<string> DataSets { get; init; } = [];
    /// <summary>Networks that its program adds.</summary>
    [Id(1)] public IReadOnlyList<string> Networks { get; init; } = [];
    /// <summary>Layers (operations) that its program adds.</summary>
    [Id(2)] public IReadOnlyList<string> Layers { get; init; } = [];
    /// <summary>Numbers of the fields of <see cref="Runs.RunSpec"/> that its release knows; others it would pass over in silence.</summary>
    [Id(3)] public IReadOnlyList<uint> SpecFields { get; init; } = [];
}

/// <summary>What the names of a <see cref="SiloOffer"/> stand for, as far as it can be told.</summary>
[GenerateSerializer, Immutable, Alias("lcnn.SiloProgramReport")]
public sealed record SiloProgramReport
{
    /// <summary>Networks as <see cref="Lcnn.Distributed.Networks.NetworkDescription.ToJson"/>.</summary>
    [Id(0)] public IReadOnlyList<string> Networks { get; init; } = [];
    /// <summary>Layers as JSON: name, description and arguments.</summary>
    [Id(1)] public IReadOnlyList<string> Layers { get; init; } = [];
}
