using Lcnn.Distributed.Data.Catalog;
using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Grains.Programs;
using Lcnn.Distributed.Model.Own;
using Lcnn.Distributed.Networks;
using Microsoft.Extensions.DependencyInjection;

namespace Lcnn.Distributed.Silo;

/// <summary>Adds to a silo what its program brings: data sets, networks and operations, which runs then name as they name those that are built in.</summary>
/// <remarks>All of it is checked when the host starts. Each silo that is to train a run needs its data set and operations; a network is needed on one.</remarks>
public sealed class LcnnSiloBuilder
{
    internal LcnnSiloBuilder(IServiceCollection services) => Services = services;

    /// <summary>The host's services.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Adds a data set.</summary>
    /// <param name="name">What runs call it: letters, digits, '-', '_' and '.'.</param>
    /// <param name="train">Samples to train on.</param>
    /// <param name="test">Samples to test with, of the same shape and classes.</param>
    public LcnnSiloBuilder AddDataSet(string name, ILabelledImages train, ILabelledImages test)
    {
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(test);
        return AddDataSet(name, () => new DataSet(name, train, test));
    }

    /// <summary>Adds a data set that is made when a run first asks for it, and kept while runs use it.</summary>
    /// <param name="name">What runs call it: letters, digits, '-', '_' and '.'.</param>
    /// <param name="make">The same content each time and on every silo, or runs are refused.</param>
    public LcnnSiloBuilder AddDataSet(string name, Func<DataSet> make)
    {
        ArgumentNullException.ThrowIfNull(make);
        return AddDataSet(name, _ => Task.FromResult(make()));
    }

    /// <inheritdoc cref="AddDataSet(string, Func{DataSet})"/>
    public LcnnSiloBuilder AddDataSet(string name, Func<CancellationToken, Task<DataSet>> make)
    {
        ArgumentNullException.ThrowIfNull(make);
        Services.AddSingleton(new AddedDataSet(name, make));
        return this;
    }

    /// <summary>Adds a network, described layer by layer.</summary>
    /// <param name="name">What runs call it: letters, digits, '-', '_' and '.'.</param>
    /// <param name="layers">Adds its layers, in forward order.</param>
    /// <exception cref="ArgumentException">It is no network; every problem is named with its place.</exception>
    public LcnnSiloBuilder AddNetwork(string name, Action<NetworkLayers> layers) => AddNetwork(NetworkLayers.Describe(name, layers));

    /// <summary>Adds a network that was described elsewhere, such as in a YAML file.</summary>
    public LcnnSiloBuilder AddNetwork(NetworkDescription description)
    {
        ArgumentNullException.ThrowIfNull(description);
        Services.AddSingleton(new AddedNetwork(description));
        return this;
    }

    /// <summary>Adds an operation, which networks hold as a layer of its name: those of this silo, and those of runs.</summary>
    public LcnnSiloBuilder AddOperation(OwnLayerKind operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        Services.AddSingleton(operation);
        return this;
    }
}
