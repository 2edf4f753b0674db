using System.Text.Json;
using Lcnn.Distributed.Contracts.Cluster;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Networks;

namespace Lcnn.Distributed.Grains.Programs;

/// <summary>What the programs of a cluster's silos add, asked for when a run names something that is not built in.</summary>
/// <remarks>
/// A network goes into the run's spec as its description, so that one silo that has it is enough, and whoever reads the run or its model knows the network.
/// Data sets and operations cannot travel: the run gets slots on the silos that have them (<see cref="RunNeeds"/>).
/// </remarks>
internal sealed class ClusterNames(IGrainFactory grains)
{
    private IReadOnlyList<SiloReport> _silos = [];
    private List<(string Silo, SiloProgramReport Program)> _programs = [];

    /// <summary>The spec as the cluster understands it, and every problem with it.</summary>
    public async Task<(RunSpec Spec, IReadOnlyList<SpecProblem> Problems)> ResolveAsync(RunSpec spec, CancellationToken cancellationToken)
    {
        if (!IsOpen(spec))
        {
            return (spec, spec.Validate());
        }

        var (names, odd) = await AskAsync(cancellationToken);
        var network = spec.Network is null && NetworkCatalog.Find(spec.Architecture ?? "") is null ? names.FindNetwork(spec.Architecture) : null;
        var given = spec;
        if (network is not null)
        {
            spec = spec with { Network = network.ToJson(), Loss = spec.Loss == Recipes.OpenLoss ? Recipes.DefaultLoss(network) : spec.Loss };
        }

        return (spec, [.. odd.Where(problem => IsOf(problem, given) || IsOf(problem, spec)).Select(problem => problem.Problem), .. spec.Validate(names).Select(problem => Explain(problem, spec, names))]);
    }

    /// <summary>Every problem of a sweep where the cluster's names are known.</summary>
    public async Task<IReadOnlyList<SpecProblem>> ValidateAsync(Contracts.Sweeps.SweepSpec sweep, CancellationToken cancellationToken)
    {
        // Whether a name is a mistake or a silo's is not known before: most sweeps name nothing but what is built in.
        var problems = sweep.Validate();
        if (problems.Count == 0)
        {
            return problems;
        }

        var (names, odd) = await AskAsync(cancellationToken);
        return _programs.Count == 0 ? problems : [.. odd.Where(problem => IsOf(problem, sweep.Base)).Select(problem => problem.Problem), .. sweep.Validate(names)];
    }

    private static bool IsOpen(RunSpec spec) =>
        (spec.Dataset is not null && !Names.IsDatasetPath(spec.Dataset) && !Names.Datasets.Contains(spec.Dataset))
        || (spec.Network is null ? NetworkCatalog.Find(spec.Architecture ?? "") is null : OwnKindsOf(spec.Network).Count > 0);

    private static IReadOnlyList<string> OwnKindsOf(string network) => NetworkReader.Read(network, ElementKinds.Any).Description?.OwnKinds ?? [];

    private async Task<(KnownNames Names, IReadOnlyList<(string Name, SpecProblem Problem)> Odd)> AskAsync(CancellationToken cancellationToken)
    {
        _silos = [.. (await grains.GetGrain<IGangPlacementGrain>(0).GetSilosAsync(cancellationToken)).OrderBy(silo => silo.Name, StringComparer.Ordinal)];
        var adding = _silos.Where(silo => silo.Offer is { } offer && offer.DataSets.Count + offer.Networks.Count + offer.Layers.Count > 0).ToList();
        var reports = await Task.WhenAll(adding.Select(silo => grains.GetGrain<ISiloSlotsGrain>(GrainKeys.SiloSlots(silo.Silo)).GetProgramAsync(cancellationToken)));
        _programs = [.. adding.Zip(reports, (silo, report) => (silo.Name, report))];
        var (networks, oddNetworks) = Same(program => program.Networks, json => NetworkDescription.Parse(json).Name, nameof(RunSpec.Architecture), "networks");
        var (layers, oddLayers) = Same(program => program.Layers, json => KindOf(json).Name, nameof(RunSpec.Network), "operations");
        return (new KnownNames
        {
            Datasets = [.. adding.SelectMany(silo => silo.Offer!.DataSets).Distinct().Order(StringComparer.Ordinal)],
            Networks = networks.ToDictionary(network => network.Key, network => NetworkDescription.Parse(network.Value)),
            Layers = [.. layers.Values.Select(KindOf)],
        }, [.. oddNetworks, .. oddLayers]);
    }

    // By name, where all silos that have it mean the same.
    private (Dictionary<string, string> Known, List<(string Name, SpecProblem Problem)> Odd) Same(
        Func<SiloProgramReport, IReadOnlyList<string>> of, Func<string, string> nameOf, string field, string what)
    {
        var (known, odd) = (new Dictionary<string, string>(), new List<(string, SpecProblem)>());
        foreach (var name in _programs.SelectMany(silo => of(silo.Program).Select(json => (Name: nameOf(json), silo.Silo, Json: json))).GroupBy(entry => entry.Name))
        {
            known[name.Key] = name.First().Json;
            if (name.FirstOrDefault(other => other.Json != name.First().Json) is { Silo: { } silo })
            {
                odd.Add((name.Key, new SpecProblem(field, $"silos '{name.First().Silo}' and '{silo}' have different {what} under the name '{name.Key}'; start both with the same program")));
            }
        }

        return (known, odd);
    }

    private static bool IsOf((string Name, SpecProblem Problem) odd, RunSpec spec) =>
        spec.Network is { } network ? OwnKindsOf(network).Contains(odd.Name) : odd.Name == spec.Architecture;

    private SpecProblem Explain(SpecProblem problem, RunSpec spec, KnownNames names) => problem.Field switch
    {
        nameof(RunSpec.Dataset) when !names.Datasets.Contains(spec.Dataset) => With(problem, offer => offer.DataSets, "data sets", "AddDataSet"),
        nameof(RunSpec.Architecture) when spec.Network is null => With(problem, offer => offer.Networks, "networks", "AddNetwork"),
        nameof(RunSpec.Network) when OwnKindsOf(spec.Network ?? "").Any(kind => names.Kinds.Find(kind) is null) => With(problem, offer => offer.Layers, "operations", "AddOperation"),
        _ => problem,
    };

    private SpecProblem With(SpecProblem problem, Func<SiloOffer, IReadOnlyList<string>> of, string what, string method)
    {
        var silos = _silos.Select(silo => silo.Offer is { } offer && of(offer) is { Count: > 0 } added ? $"silo '{silo.Name}' adds {string.Join(", ", added)}" : $"silo '{silo.Name}' adds none");
        return problem with { Message = $"{problem.Message}; of {what}, {string.Join(", ", silos)}: add it with {method} to the program of every silo that is to train it" };
    }

    private static ElementKind KindOf(string json) => JsonSerializer.Deserialize<ElementKind>(json)!;
}
