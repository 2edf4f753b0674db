using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Own;
using Lcnn.Distributed.Networks;

namespace Lcnn.Distributed.Model.Networks;

/// <summary>Builds a network from its plan: every shape is checked before a layer is made.</summary>
internal sealed class PlannedNetwork
{
    private const int LargestSide = 256;

    private readonly string _name;
    private readonly NetworkStyle _style;
    private readonly NetworkBuilder _builder;
    private readonly OwnLayerKinds _own;
    private readonly Dictionary<string, Action<string>> _shared = [];

    private PlannedNetwork(string name, NetworkStyle style, ImageShape input, OwnLayerKinds own) =>
        (_name, _style, _builder, _own) = (name, style, new NetworkBuilder(input, style), own);

    private ImageShape Shape => _builder.Shape;

    /// <exception cref="NetworkShapeException">A layer does not fit; where larger images would, the message says how large.</exception>
    public static Network Build(NetworkPlan plan, ImageShape input, int classes, SpectralGrid grid, OwnLayerKinds own)
    {
        try
        {
            return BuildAsPlanned(plan, input, classes, grid, own);
        }
        catch (NetworkShapeException misfit) when (LeastSide(plan, input, classes, grid, own) is { } side)
        {
            throw misfit.But($"{plan.Name} needs at least {side}x{side}, got {input}");
        }
    }

    // Layers hold no tensors: to try is cheap.
    private static int? LeastSide(NetworkPlan plan, ImageShape input, int classes, SpectralGrid grid, OwnLayerKinds own)
    {
        for (var side = Math.Min(input.Height, input.Width) + 1; side <= LargestSide; side++)
        {
            try
            {
                BuildAsPlanned(plan, new ImageShape(input.Channels, side, side), classes, grid, own);
                return side;
            }
            catch (NetworkShapeException)
            {
                // so large, then
            }
        }

        return null;
    }

    private static Network BuildAsPlanned(NetworkPlan plan, ImageShape input, int classes, SpectralGrid grid, OwnLayerKinds own)
    {
        var network = new PlannedNetwork(plan.Name, NetworkStyle.Of(plan.Style, grid), input, own);
        foreach (var layer in plan.Layers)
        {
            network.Add(layer);
        }

        var last = plan.Layers[^1];
        return network.Shape.Channels == classes ? network._builder.Build()
            : throw network.Refused(last, $"expected {classes} numbers, one a class, got {network.Shape.Channels}; write 'features: {NetworkReader.Classes}'");
    }

    private void Add(PlannedLayer layer)
    {
        switch (layer.Kind)
        {
            case "conv":
                AddConv(layer);
                break;
            case "residual":
                CheckImage(layer, kernel: 3, padding: 1);
                _builder.Residual(layer.Path, layer.Size("channels")!.Value, layer.Size("stride")!.Value);
                break;
            case "preactivation":
                CheckImage(layer, kernel: 3, padding: 1);
                _builder.PreActivation(layer.Path, layer.Size("channels")!.Value, layer.Size("stride")!.Value);
                break;
            case "basic":
                CheckImage(layer, kernel: 3, padding: 1);
                _builder.Basic(layer.Path, layer.Size("channels")!.Value, layer.Size("stride")!.Value, NormOf(layer.Text("norm")));
                break;
            case "bottleneck":
                CheckImage(layer, kernel: 3, padding: 1);
                _builder.Bottleneck(layer.Path, layer.Size("channels")!.Value, layer.Size("stride")!.Value, NormOf(layer.Text("norm")));
                break;
            case "norm":
                CheckImage(layer, kernel: 1, padding: 0);
                _builder.Norm(layer.Path, NormOf(layer.Text("kind"))!.Value);
                break;
            case "activation":
                AddActivation(layer);
                break;
            case "maxPool":
            case "averagePool":
                AddPool(layer);
                break;
            case "globalAveragePool":
                CheckImage(layer, kernel: 1, padding: 0);
                _builder.GlobalAveragePool();
                break;
            case "dropout":
                _builder.Dropout(layer.Number("rate")!.Value);
                break;
            case "flatten":
                _builder.Flatten();
                break;
            case "linear":
                AddLinear(layer);
                break;
            default:
                AddOwn(layer, _own.Find(layer.Kind) ?? throw Refused(layer, $"'{layer.Kind}' is an operation of a program's own, which this program does not have; add it here too"));
                break;
        }
    }

    // Whatever a program's own code throws, it is about this layer.
    private void AddOwn(PlannedLayer layer, OwnLayerKind kind)
    {
        try
        {
            var input = _builder.IsFlat ? SampleShape.Row(Shape.Channels) : SampleShape.Image(Shape.Channels, Shape.Height, Shape.Width);
            _builder.Own(new OwnLayer(kind, layer, input));
        }
        catch (Exception exception)
        {
            throw Refused(layer, exception is ArgumentException ? exception.Message : $"{exception.GetType().Name}: {exception.Message}");
        }
    }

    private void AddConv(PlannedLayer layer)
    {
        var kernel = layer.Size("kernel")!.Value;
        var padding = layer.Size("padding") ?? kernel / 2;
        CheckImage(layer, kernel, padding);
        var (channels, groups) = (layer.Size("channels")!.Value, layer.Size("groups")!.Value);
        if (Shape.Channels % groups != 0 || channels % groups != 0)
        {
            throw Refused(layer, $"expected a number of groups that divides the {Shape.Channels} channels of its input and the {channels} of its output, got {groups}");
        }

        _builder.Conv(layer.Path, channels, kernel, layer.Size("stride")!.Value, padding, groups, layer.Flag("bias"), NormOf(layer.Text("norm")));
    }

    private void AddActivation(PlannedLayer layer)
    {
        Activation activation = layer.Text("kind") switch
        {
            "centered-softplus" => new(ActivationKind.CenteredSoftplus),
            "softplus" => new(ActivationKind.Softplus),
            "relu" => new(ActivationKind.Relu),
            _ => _style.Activation,
        };
        if (layer.Number("beta") is { } beta)
        {
            activation = activation.Kind == ActivationKind.Softplus ? activation with { Sharpness = beta }
                : throw Refused(layer, "'beta' is the fixed sharpness of softplus, and this activation is another; write 'kind: softplus' or leave it out");
        }

        if (layer.Text("shared") is not { } name)
        {
            _builder.Activation(layer.Path, activation);
            return;
        }

        name = $"{name} {activation}";
        if (!_shared.TryGetValue(name, out var activate))
        {
            _shared.Add(name, activate = _builder.SharedActivation(activation));
        }

        activate(layer.Path);
    }

    private void AddPool(PlannedLayer layer)
    {
        var kernel = layer.Size("kernel")!.Value;
        var (stride, padding) = (layer.Size("stride") ?? kernel, layer.Size("padding") ?? 0);
        if (padding > kernel / 2)
        {
            throw Refused(layer, $"expected a padding of at most half the {kernel}x{kernel} window, got {padding}");
        }

        CheckImage(layer, kernel, padding);
        if (layer.Kind == "averagePool")
        {
            _builder.MeanPool(kernel, stride);
        }
        else
        {
            _builder.MaxPool(kernel, stride, padding);
        }
    }

    private void AddLinear(PlannedLayer layer)
    {
        if (!_builder.IsFlat)
        {
            throw Refused(layer, $"expected rows of numbers, got images of {Shape}; put 'flatten' or 'globalAveragePool' before it");
        }

        _builder.Linear(layer.Path, layer.Size("features")!.Value, layer.Flag("spectral"));
    }

    private NormKind? NormOf(string? name) => name switch
    {
        "none" => null,
        "lipschitz" => NormKind.Lipschitz,
        "batch" => NormKind.Batch,
        _ => _style.ClipsBatchNorm ? NormKind.Lipschitz : NormKind.Batch,
    };

    private void CheckImage(PlannedLayer layer, int kernel, int padding)
    {
        if (_builder.IsFlat)
        {
            throw Refused(layer, $"expected images, got rows of {Shape.Channels} numbers; it belongs before 'flatten'");
        }

        if (Math.Min(Shape.Height, Shape.Width) + (2 * padding) < kernel)
        {
            var least = kernel - (2 * padding);
            throw Refused(layer, $"a {kernel}x{kernel} {(layer.Kind.EndsWith("Pool", StringComparison.Ordinal) ? "window" : "kernel")} needs images of at least {least}x{least}, got {Shape}; leave out a layer that shrinks them, or take larger images");
        }
    }

    private NetworkShapeException Refused(PlannedLayer layer, string problem) => new(_name, layer.Path, layer.Where, problem);
}
