using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using Stock = TorchSharp.Modules;

namespace Lcnn.Distributed.Model.Modules.Conversion;

/// <summary>Makes a low-curvature network of an existing one.</summary>
public static class LowCurvatureConversion
{
    private static readonly HashSet<string> _harmless =
    [
        "Identity", "Flatten", "Unflatten", "Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "FeatureAlphaDropout", "MaxPool1d", "MaxPool2d", "MaxPool3d", "AvgPool1d",
        "AvgPool2d", "AvgPool3d", "AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AdaptiveAvgPool3d", "AdaptiveMaxPool1d", "AdaptiveMaxPool2d", "AdaptiveMaxPool3d",
        "ZeroPad2d", "ConstantPad2d", "ReflectionPad2d", "ReplicationPad2d", "PixelShuffle", "PixelUnshuffle", "ChannelShuffle", "Upsample",
    ];

    /// <summary>Exchanges, in place, every ReLU, BatchNorm2d, Conv2d and Linear below a module for the paper's, and keeps their weights, types and devices.</summary>
    /// <remarks>
    /// Call it before the optimizer is made: parameters are new. The forward pass stays the module's own, and what its code calls as a function stays, too:
    /// the report names it. Slopes and offsets of a batch norm are kept and count for its bound. Running statistics: see <see cref="LowCurvatureOptions.ImageShape"/>.
    /// </remarks>
    /// <param name="network">Any tree of modules whose children lie in fields or lists of a type that takes a Module&lt;Tensor, Tensor&gt;.</param>
    /// <param name="options">The reference's numbers if null.</param>
    /// <returns>What was exchanged, and what was not and why.</returns>
    /// <exception cref="ArgumentException">Nothing was exchanged: the network is itself one of those modules, an option is out of its range, or the network does not take images of the shape given.</exception>
    public static LowCurvatureReport ToLowCurvature(this nn.Module network, LowCurvatureOptions? options = null)
    {
        options ??= new();
        Parameters.ThrowUnlessPositive(options.Beta, nameof(options.Beta));
        Parameters.ThrowUnlessPositive(options.Gamma, nameof(options.Gamma));
        if (network is Stock.ReLU or Stock.BatchNorm2d or Stock.Conv2d or Stock.Linear)
        {
            throw new ArgumentException($"a {network.GetType().Name} has no place to be exchanged in: put it into a Sequential", nameof(network));
        }

        var shape = Probe.Check(network, options.ImageShape);
        var any = network.parameters().FirstOrDefault();
        var exchange = new ModuleExchange(module => module switch
        {
            Stock.ReLU => Exchanged.For(new CenteredSoftplus(options.Beta, any?.device, any?.dtype)),
            Stock.Linear stock => Exchanged.For(new SpectralLinear(stock)),
            Stock.Conv2d stock => SpectralConv2d.ObstacleIn(stock) is { } obstacle ? Exchanged.Not(obstacle) : Exchanged.For(new SpectralConv2d(stock, options.Grid)),
            Stock.BatchNorm2d { track_running_stats: false } => Exchanged.Not("has no running statistics that would tell its slope"),
            Stock.BatchNorm2d stock => Exchanged.For(new LipschitzBatchNorm2d(stock, options.Gamma)),
            _ when IsLeafOfTorch(module) && !_harmless.Contains(module.GetType().Name) => Exchanged.Not("is none of ReLU, BatchNorm2d, Conv2d and Linear"),
            _ => null,
        });
        exchange.Below(network);
        var remarks = RunningStatisticsAfter(network, shape);
        return new LowCurvatureReport(
            [.. exchange.Swapped.Select(swapped => new SwappedModule(swapped.Path, swapped.From, swapped.To.GetType().Name, remarks.GetValueOrDefault(swapped.To)))],
            [.. exchange.Kept, .. CallsBelow(network)]);
    }

    private static bool IsLeafOfTorch(nn.Module module) => module.GetType().Assembly == typeof(Tensor).Assembly && !module.named_children().Any()
        && module.GetType().Name.Split('`')[0] is not ("Sequential" or "ModuleList" or "ModuleDict" or "ParameterList" or "ParameterDict");

    // A trained batch norm knows what the raw weights gave it.
    private static Dictionary<nn.Module, string> RunningStatisticsAfter(nn.Module network, long[]? shape)
    {
        var modules = ModuleTree.Of(network);
        var sources = shape is null ? [] : Probe.SourcesOf((Module<Tensor, Tensor>)network, shape, modules);
        var remarks = new Dictionary<nn.Module, string>();
        foreach (var norm in modules.OfType<LipschitzBatchNorm2d>().Where(norm => norm.HasSeenBatches && modules.OfType<SpectralConv2d>().Any()))
        {
            if (sources.TryGetValue(norm, out var conv))
            {
                norm.Follow(conv);
                continue;
            }

            norm.Forget();
            remarks[norm] = shape is null ? "its running statistics begin anew: give ImageShape to keep them" : "its running statistics begin anew: no convolution stands right before it";
        }

        return remarks;
    }

    private static IEnumerable<KeptModule> CallsBelow(nn.Module network) =>
        from type in ModuleTree.Of(network).Select(module => module.GetType()).Distinct()
        where type.Assembly != typeof(Tensor).Assembly && type.Assembly != typeof(LowCurvatureConversion).Assembly
        from call in FunctionalCalls.In(type)
        select new KeptModule(type.Name, call, "the code calls it as a function: give it a module");
}
