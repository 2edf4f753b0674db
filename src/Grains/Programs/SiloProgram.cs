using System.Text.Json;
using Lcnn.Distributed.Contracts.Cluster;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Data.Catalog;
using Lcnn.Distributed.Model.Own;
using Lcnn.Distributed.Networks;

namespace Lcnn.Distributed.Grains.Programs;

/// <summary>What the program of a silo adds to what is built in: data sets, networks and operations, by name.</summary>
public sealed class SiloProgram
{
    /// <summary>Checks all that was added, together: networks may use operations that were added after them.</summary>
    /// <exception cref="ArgumentException">A name is taken or there twice, or a network cannot be one.</exception>
    public SiloProgram(IEnumerable<AddedDataSet> dataSets, IEnumerable<AddedNetwork> networks, IEnumerable<OwnLayerKind> layers)
    {
        Layers = new OwnLayerKinds(layers);
        NetworkDescription[] descriptions = [.. networks.Select(added => added.Description)];
        string[] sets = [.. dataSets.Select(added => added.Name)];
        CheckNames("data set", sets, Names.Datasets);
        CheckNames("network", [.. descriptions.Select(network => network.Name)], Names.Architectures);
        foreach (var network in descriptions)
        {
            Check(network);
        }

        Offer = new SiloOffer
        {
            DataSets = sets,
            Networks = [.. descriptions.Select(network => network.Name)],
            Layers = [.. Layers.Names],
            SpecFields = RunSpecFields.All,
        };
        Report = new SiloProgramReport
        {
            Networks = [.. descriptions.Select(network => network.ToJson())],
            Layers = [.. Layers.Elements.All.Where(kind => ElementKind.Find(kind.Name) is null).Select(kind => JsonSerializer.Serialize(kind))],
        };
    }

    /// <summary>The operations.</summary>
    public OwnLayerKinds Layers { get; }

    /// <summary>The names.</summary>
    public SiloOffer Offer { get; }

    /// <summary>What they stand for.</summary>
    public SiloProgramReport Report { get; }

    private static void CheckNames(string what, IReadOnlyList<string> names, IReadOnlyList<string> builtIn)
    {
        foreach (var name in names)
        {
            if (!NetworkReader.IsName(name) || builtIn.Contains(name))
            {
                throw new ArgumentException($"expected a name for a {what} of 1 to 64 letters, digits, '-', '_' and '.' that is not built in, got '{name}'");
            }

            if (names.Count(other => other == name) > 1)
            {
                throw new ArgumentException($"the {what} '{name}' is added twice; leave out one, or give it another name");
            }
        }
    }

    private void Check(NetworkDescription network)
    {
        const int someClasses = 10; // the data set knows them
        var (_, problems) = NetworkPlan.Of(network, new Dictionary<string, long>(), someClasses, Layers.Elements);
        if (problems.Count > 0)
        {
            throw new ArgumentException($"network '{network.Name}': {string.Join("; ", problems)}");
        }
    }
}
