using Lcnn.Distributed.Model.Layers;

namespace Lcnn.Distributed.Model.Networks;

/// <summary>Strings layers and nodes together while keeping track of the image size.</summary>
internal sealed class NetworkBuilder(ImageShape input, NetworkStyle style)
{
    private readonly List<Layer> _layers = [];
    private readonly List<NetworkNode> _nodes = [];
    private int _placed;

    /// <summary>Shape at the current end of the network.</summary>
    public ImageShape Shape { get; private set; } = input;

    private ImageShape Input { get; } = input;

    public void Conv(string path, int outChannels, bool bias) => Add(NewConv(path, Shape, outChannels, 3, 1, 1, bias, out var shape), shape);

    /// <summary>A residual block whose pieces stand under the reference's paths.</summary>
    public void Residual(string path, int outChannels, int stride)
    {
        var conv1 = NewConv($"{path}.1.f1", Shape, outChannels, 3, stride, 1, false, out var inner);
        var shortcut = stride != 1 || Shape.Channels != outChannels
            ? NewConv($"{path}.1.f2", Shape, outChannels, 1, stride, 0, false, out _)
            : null;
        var innerActivation = NewActivation($"{path}.2.f1");
        var conv2 = NewConv($"{path}.3.f1", inner, outChannels, 3, 1, 1, false, out var outer);
        Add(new ResidualBlock(conv1, shortcut, innerActivation, conv2, NewActivation($"{path}.5")), outer);
    }

    public void Activation(string path) => Add(NewActivation(path), Shape);

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

            Add(shared, Shape);
        };
    }

    public void MaxPool() => Add(new MaxPoolNode(), Shape with { Height = Shape.Height / 2, Width = Shape.Width / 2 });

    public void GlobalAveragePool() => Add(new GlobalAveragePoolNode(), Shape with { Height = 1, Width = 1 });

    public void Flatten() => Add(new FlattenNode(), new ImageShape(Shape.Channels * Shape.Height * Shape.Width, 1, 1));

    public void Linear(string path, int outFeatures, bool spectral)
    {
        var layer = new LinearLayer(path, Shape.Channels, outFeatures, spectral);
        _layers.Add(layer);
        Add(new LinearNode(layer), new ImageShape(outFeatures, 1, 1));
    }

    public Network Build() => new(Input, Shape.Channels, _layers, _nodes);

    private void Add(INode node, ImageShape shape)
    {
        _nodes.Add(new NetworkNode(node, _placed.._layers.Count));
        _placed = _layers.Count;
        Shape = shape;
    }

    private ConvNode NewConv(
        string path, ImageShape from, int outChannels, int kernel, int stride, int padding, bool bias, out ImageShape shape)
    {
        var geometry = new ConvGeometry(from.Channels, outChannels, kernel, stride, padding, from.Height, from.Width);
        var layer = new ConvLayer(path, geometry, bias, style.ConvGrid, style.ClipsBatchNorm);
        _layers.Add(layer);
        shape = new ImageShape(outChannels, geometry.OutHeight, geometry.OutWidth);
        return new ConvNode(layer);
    }

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
