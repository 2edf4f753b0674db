using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Own;
using Lcnn.Distributed.Networks;

namespace Lcnn.Distributed.Model.Networks;

/// <summary>The networks a run can have: those of <see cref="NetworkCatalog"/> and the run's own.</summary>
public static class Architectures
{
    /// <summary>The names that <c>--arch</c> takes.</summary>
    public static IReadOnlyList<string> Names => NetworkCatalog.Names;

    /// <summary>Builds a network for a data set's images.</summary>
    /// <param name="description">The network.</param>
    /// <param name="parameters">Values of its parameters, as <see cref="NetworkSizes"/> reads them.</param>
    /// <param name="images">Give the input's shape and the number of classes.</param>
    /// <param name="grid">Name of a <see cref="SpectralGrid"/>, in lower case.</param>
    /// <param name="own">Operations that this program adds.</param>
    /// <exception cref="ArgumentException">The images do not fit the network, or the parameters are not its own.</exception>
    public static Network Build(NetworkDescription description, string parameters, ILabelledImages images, string grid, OwnLayerKinds? own = null)
    {
        ArgumentNullException.ThrowIfNull(images);
        return Build(
            description, NetworkSizes.Parse(parameters), new ImageShape(images.Channels, images.Height, images.Width), images.Classes,
            Enum.Parse<SpectralGrid>(grid, ignoreCase: true), own);
    }

    /// <summary>Builds a network by name.</summary>
    /// <exception cref="ArgumentException">The name is unknown, or the input is too small for the network.</exception>
    public static Network Build(string name, ImageShape input, int classes, SpectralGrid grid = SpectralGrid.Reference) => Build(
        NetworkCatalog.Find(name) ?? throw new ArgumentException($"unknown architecture '{name}', expected one of {string.Join(", ", Names)}", nameof(name)),
        new Dictionary<string, long>(), input, classes, grid);

    /// <summary>Builds a network as it is described.</summary>
    /// <param name="parameters">Values that replace the description's defaults.</param>
    /// <exception cref="NetworkShapeException">A layer does not fit the one before it, or the first one the input.</exception>
    /// <exception cref="ArgumentException">The parameters are not the description's, or make sizes that cannot be.</exception>
    public static Network Build(
        NetworkDescription description, IReadOnlyDictionary<string, long> parameters, ImageShape input, int classes,
        SpectralGrid grid = SpectralGrid.Reference, OwnLayerKinds? own = null)
    {
        own ??= OwnLayerKinds.None;
        var (plan, problems) = NetworkPlan.Of(description, parameters, classes, own.Elements);
        return plan is not null ? PlannedNetwork.Build(plan, input, classes, grid, own)
            : throw new ArgumentException($"{description.Name}: {string.Join("; ", problems)}");
    }

    /// <summary>Channels and blocks of each stage of a residual network.</summary>
    internal static (IReadOnlyList<int> Widths, IReadOnlyList<int> Blocks) ResidualSizes(string family)
    {
        var plan = NetworkPlan.Of(NetworkCatalog.Find(family)!, new Dictionary<string, long>(), 2).Plan!;
        var stages = plan.Layers.Where(layer => layer.Kind == "residual").GroupBy(layer => layer.Path.Split('.')[0]).ToList();
        return ([.. stages.Select(stage => stage.First().Size("channels")!.Value)], [.. stages.Select(stage => stage.Count())]);
    }
}
