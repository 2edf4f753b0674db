using Lcnn.Distributed.Networks;

namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>What a run may name where it is to train: the built-in data sets, networks and layers, and those that silos' programs add.</summary>
public sealed record KnownNames
{
    /// <summary>What is built in and nothing else.</summary>
    public static KnownNames BuiltIn { get; } = new();

    /// <summary>Of a cluster that was not asked: whatever could be a name. The silos say what they have when the run starts.</summary>
    public static KnownNames OfAnyCluster { get; } = new() { TakesOthers = true };

    /// <summary>Names of data sets that programs add.</summary>
    public IReadOnlyList<string> Datasets { get; init; } = [];

    /// <summary>Networks that programs add, by name.</summary>
    public IReadOnlyDictionary<string, NetworkDescription> Networks { get; init; } = new Dictionary<string, NetworkDescription>();

    /// <summary>Layers that programs add.</summary>
    public IReadOnlyList<ElementKind> Layers { get; init; } = [];

    /// <summary>Whether other names are let pass.</summary>
    public bool TakesOthers { get; init; }

    /// <summary>What descriptions of networks may hold.</summary>
    public ElementKinds Kinds => TakesOthers ? ElementKinds.Any : Layers.Count == 0 ? ElementKinds.BuiltIn : ElementKinds.BuiltIn.With(Layers);

    internal IReadOnlyList<string> AllDatasets => Datasets.Count == 0 ? Names.Datasets : [.. Names.Datasets, .. Datasets];

    internal IReadOnlyList<string> AllNetworks => Networks.Count == 0 ? Names.Architectures : [.. Names.Architectures, .. Networks.Keys];

    /// <summary>The network of a name; null where it is not known here.</summary>
    public NetworkDescription? FindNetwork(string? name) => name is null ? null : NetworkCatalog.Find(name) ?? Networks.GetValueOrDefault(name);

    // Whether a text is one of some names, or could be one that others know.
    internal bool Takes(string? name, IReadOnlyList<string> known) => name is not null && (known.Contains(name) || (TakesOthers && NetworkReader.IsName(name)));
}
