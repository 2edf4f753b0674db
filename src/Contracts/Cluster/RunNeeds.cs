using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Contracts.Cluster;

/// <summary>What a silo must have before it can train a run; only such silos give it slots.</summary>
/// <param name="DataSet">A data set that silos' programs add; null for one that is built in, or for a path.</param>
/// <param name="Layers">Operations that silos' programs add.</param>
/// <param name="SpecFields">Fields of the spec that are not at their defaults and that some earlier release does not know.</param>
[GenerateSerializer, Immutable, Alias("lcnn.RunNeeds")]
public sealed record RunNeeds([property: Id(0)] string? DataSet, [property: Id(1)] IReadOnlyList<string> Layers, [property: Id(2)] IReadOnlyList<uint> SpecFields)
{
    /// <summary>The needs of a run whose network is written out; null where every silo will do.</summary>
    public static RunNeeds? Of(RunSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var needs = new RunNeeds(
            Names.IsDatasetPath(spec.Dataset) || Names.Datasets.Contains(spec.Dataset) ? null : spec.Dataset,
            spec.Network is null ? [] : spec.DescribedNetwork().OwnKinds,
            [.. RunSpecFields.Set(spec).Where(field => !RunSpecFields.IsOld(field))]);
        return needs is { DataSet: null, Layers.Count: 0, SpecFields.Count: 0 } ? null : needs;
    }

    /// <summary>What a silo lacks, in words; null where it has all.</summary>
    public string? LackOf(SiloReport silo)
    {
        ArgumentNullException.ThrowIfNull(silo);
        var offer = silo.Offer;
        string[] lacks =
        [
            .. DataSet is null || offer?.DataSets.Contains(DataSet) == true ? [] : new[] { $"the data set '{DataSet}'" },
            .. Layers.Where(layer => offer?.Layers.Contains(layer) != true).Select(layer => $"the operation '{layer}'"),
            .. SpecFields.Where(field => offer?.SpecFields.Contains(field) != true).Select(field => $"the option '{RunSpecFields.NameOf(field)}', which its release does not know"),
        ];
        return lacks.Length == 0 ? null : string.Join(" and ", lacks);
    }
}
