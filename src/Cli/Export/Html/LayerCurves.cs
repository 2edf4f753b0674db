using System.Globalization;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Cli.Export.Html;

/// <summary>What the layers of a run's network came to over its epochs.</summary>
/// <param name="Beta">A line for each layer with a beta.</param>
/// <param name="Gamma">A line for each layer with a gamma.</param>
/// <param name="Curvature">What each activation adds to the estimate of the bound on curvature.</param>
internal sealed record LayerCurves(IReadOnlyList<LayerCurve> Beta, IReadOnlyList<LayerCurve> Gamma, IReadOnlyList<LayerCurve> Curvature)
{
    /// <summary>Of evaluated epochs, in order.</summary>
    public static LayerCurves Of(IReadOnlyList<EpochCompleted> epochs) => new(
        Lines(epochs, epoch => Known(epoch, layer => layer.Beta)),
        Lines(epochs, epoch => Known(epoch, layer => layer.Gamma)),
        Lines(epochs, epoch => (epoch.CurvatureShares ?? []).Select(share => (share.Path, share.Curvature))));

    private static IEnumerable<(string Path, double Value)> Known(EpochCompleted epoch, Func<LayerSharpness, double?> value) =>
        from layer in epoch.Layers ?? []
        where value(layer) is not null
        select (layer.Path, value(layer)!.Value);

    // By place, as an activation that is used twice is there twice.
    private static LayerCurve[] Lines(IReadOnlyList<EpochCompleted> epochs, Func<EpochCompleted, IEnumerable<(string Path, double Value)>> of)
    {
        var known = epochs.Select(epoch => Named(of(epoch))).ToList();
        var names = known.LastOrDefault(layers => layers.Count > 0)?.Keys ?? Enumerable.Empty<string>();
        return [.. names.Select(name => new LayerCurve(name, [.. known.Select(layers => layers.GetValueOrDefault(name, double.NaN))]))];
    }

    private static OrderedDictionary<string, double> Named(IEnumerable<(string Path, double Value)> layers)
    {
        var (named, uses) = (new OrderedDictionary<string, double>(), new Dictionary<string, int>());
        foreach (var (path, value) in layers)
        {
            var use = uses[path] = uses.GetValueOrDefault(path) + 1;
            named.Add(use == 1 ? path : $"{path}, use {use.ToString(CultureInfo.InvariantCulture)}", Rounded(value));
        }

        return named;
    }

    // A page of a long run of a deep network stays small.
    private static double Rounded(double value) => double.Parse(value.ToString("G5", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}

/// <summary>A layer.</summary>
/// <param name="Name">Its path, with the use of an activation that is used again.</param>
/// <param name="Values">One for each epoch, NaN where it is not known.</param>
internal sealed record LayerCurve(string Name, IReadOnlyList<double> Values);
