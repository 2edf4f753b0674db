using Lcnn.Distributed.Model.Layers;

namespace Lcnn.Distributed.Model.Networks;

/// <summary>Strings layers and nodes together while keeping track of the image size.</summary>
internal sealed class NetworkBuilder(ImageShape input, NetworkStyle style)
{
    private static readonly double _entry = 1 / Math.Sqrt(2);
    private const double Exit = 0.5;

    private readonly List<Layer> _layers = [];
    private readonly List<NetworkNode> _nodes = [];
    private int _placed;

    /// <summary>What the last node puts out; 0 are the images.</summary>
    private int End => _nodes.Count;

    /// <summary>Shape at the current end of the network.</summary>
    public ImageShape Shape { get; private set; } = input;

    private ImageShape Input { get; } = input;

    public void Conv(string path, int outChannels, bool bias) => Shape = ConvAndNorm(NewConv(path, Shape, outChannels, 3, 1, 1, bias), End, 1, 1);

    /// <summary>The reference's basic block, act(0.5 * (convbn2(act(convbn1(h))) + shortcut(h))) with h = x / sqrt 2, its pieces under the reference's paths.</summary>
    /// <remarks>models/resnet_spectral.py:16-48 without its repeat and cat, which change no number.</remarks>
    public void Residual(string path, int outChannels, int stride)
    {
        var (images, input) = (Shape, End);
        var conv1 = NewConv($"{path}.1.f1", images, outChannels, 3, stride, 1, false);
        var shortcut = new Source(input, Exit * _entry);
        if (stride != 1 || images.Channels != outChannels)
        {
            // Side by side, so that both batch norms halt together.
            var conv2 = NewConv($"{path}.1.f2", images, outChannels, 1, stride, 0, false);
            Add(new ConvNode(conv1, _entry, isFirst: false), input);
            Add(new ConvNode(conv2, _entry, isFirst: false), input);
            Add(new NormNode(conv2, Exit), End);
            shortcut = new Source(End);
            Add(new NormNode(conv1, 1), End - 2);
        }
        else
        {
            ConvAndNorm(conv1, input, _entry, 1);
        }

        Shape = OutputOf(conv1);
        Activation($"{path}.2.f1");
        ConvAndNorm(NewConv($"{path}.3.f1", Shape, outChannels, 3, 1, 1, false), End, 1, Exit);
        Add(NewActivation($"{path}.5"), new Source(End), shortcut);
    }

    public void Activation(string path) => Add(NewActivation(path), End);

    /// <summary>An activation whose beta is shared by all its uses; it takes the path of each use.</summary>
    public Action<string> SharedActivation()
    {
        INode? shared = null;
        BetaLayer? beta = null;
        return path =>
        {
            if (shared is null)
            {
                shared = NewActivation(path);
                beta = _layers[^1] as BetaLayer;
            }
            else
            {
                beta?.OtherPaths.Add(path);
            }

            Add(shared, End);
        };
    }

    public void MaxPool()
    {
        Add(new MaxPoolNode(), End);
        Shape = Shape with { Height = Shape.Height / 2, Width = Shape.Width / 2 };
    }

    public void AveragePool()
    {
        Add(new AveragePoolNode(), End);
        Shape = Shape with { Height = 1, Width = 1 };
    }

    public void Flatten()
    {
        Add(new FlattenNode(), End);
        Shape = new ImageShape(Shape.Channels * Shape.Height * Shape.Width, 1, 1);
    }

    public void Linear(string path, int outFeatures, bool spectral)
    {
        var layer = new LinearLayer(path, Shape.Channels, outFeatures, spectral);
        _layers.Add(layer);
        Add(new LinearNode(layer), End);
        Shape = new ImageShape(outFeatures, 1, 1);
    }

    public Network Build() => new(Input, Shape.Channels, _layers, _nodes);

    private void Add(INode node, int from) => Add(node, new Source(from));

    private void Add(INode node, params Source[] sources)
    {
        _nodes.Add(new NetworkNode(node, sources, _placed.._layers.Count));
        _placed = _layers.Count;
    }

    private ImageShape ConvAndNorm(ConvLayer layer, int from, double inputScale, double outputScale)
    {
        Add(new ConvNode(layer, inputScale, isFirst: from == 0), from);
        Add(new NormNode(layer, outputScale), End);
        return OutputOf(layer);
    }

    private ConvLayer NewConv(string path, ImageShape from, int outChannels, int kernel, int stride, int padding, bool bias)
    {
        var geometry = new ConvGeometry(from.Channels, outChannels, kernel, stride, padding, from.Height, from.Width);
        var layer = new ConvLayer(path, geometry, bias, style.ConvGrid, style.ClipsBatchNorm);
        _layers.Add(layer);
        return layer;
    }

    private static ImageShape OutputOf(ConvLayer layer) => new(layer.Geometry.OutChannels, layer.Geometry.OutHeight, layer.Geometry.OutWidth);

    private INode NewActivation(string path)
    {
        switch (style.Activation)
        {
            case ActivationKind.CenteredSoftplus:
                var layer = new BetaLayer(path);
                _layers.Add(layer);
                return new BetaNode(layer);
            case ActivationKind.SharpSoftplus:
                return new SharpSoftplusNode();
            default:
                return new ReluNode();
        }
    }
}
