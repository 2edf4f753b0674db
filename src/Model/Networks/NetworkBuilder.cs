using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Own;

namespace Lcnn.Distributed.Model.Networks;

/// <summary>Strings layers and nodes together while keeping track of the image size.</summary>
internal sealed class NetworkBuilder(ImageShape input, NetworkStyle style)
{
    private static readonly double _entry = 1 / Math.Sqrt(2);
    private const double Exit = 0.5;

    private readonly List<Layer> _layers = [];
    private readonly List<NetworkNode> _nodes = [];
    private int _placed;

    private NormKind StyleNorm => style.ClipsBatchNorm ? NormKind.Lipschitz : NormKind.Batch;

    /// <summary>What the last node puts out; 0 are the images.</summary>
    private int End => _nodes.Count;

    /// <summary>Shape at the current end of the network; rows of numbers have them as channels.</summary>
    public ImageShape Shape { get; private set; } = input;

    /// <summary>Whether the end of the network are rows of numbers and no images any more.</summary>
    public bool IsFlat { get; private set; }

    private ImageShape Input { get; } = input;

    /// <summary>A convolution and its norm, if it has one.</summary>
    public void Conv(string path, int outChannels, int kernel, int stride, int padding, int groups, bool bias, NormKind? norm) =>
        Shape = ConvAndNorm(NewConv(path, Shape, outChannels, kernel, stride, padding, bias, norm, groups), End, 1, 1);

    /// <summary>A norm of its own.</summary>
    public void Norm(string path, NormKind kind)
    {
        var layer = new NormLayer(path, Shape.Channels, kind);
        _layers.Add(layer);
        Add(new NormNode(layer, 1), End);
    }

    /// <summary>The reference's basic block, act(0.5 * (convbn2(act(convbn1(h))) + shortcut(h))) with h = x / sqrt 2, its pieces under the reference's paths.</summary>
    /// <remarks>models/resnet_spectral.py:16-48 without its repeat and cat, which change no number.</remarks>
    public void Residual(string path, int outChannels, int stride)
    {
        var (images, input) = (Shape, End);
        var conv1 = NewConv($"{path}.1.f1", images, outChannels, 3, stride, 1, false, StyleNorm);
        var shortcut = new Source(input, Exit * _entry);
        if (stride != 1 || images.Channels != outChannels)
        {
            // Side by side, so that both batch norms halt together.
            var conv2 = NewConv($"{path}.1.f2", images, outChannels, 1, stride, 0, false, StyleNorm);
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
        Activation($"{path}.2.f1", style.Activation);
        ConvAndNorm(NewConv($"{path}.3.f1", Shape, outChannels, 3, 1, 1, false, StyleNorm), End, 1, Exit);
        Add(NewActivation($"{path}.5", style.Activation), new Source(End), shortcut);
    }

    /// <summary>x + conv2(act2(norm2(conv1(act1(norm1(x)))))), of act1(norm1(x)) through a 1x1 convolution in the shortcut where the shape changes.</summary>
    /// <remarks>He et al. 2016 (Identity Mappings), as wide residual networks have it.</remarks>
    public void PreActivation(string path, int outChannels, int stride)
    {
        var (images, input) = (Shape, End);
        Norm($"{path}.norm1", StyleNorm);
        Activation($"{path}.act1", style.Activation);
        var (activated, shortcut) = (End, input);
        if (stride != 1 || images.Channels != outChannels)
        {
            ConvAndNorm(NewConv($"{path}.shortcut", images, outChannels, 1, stride, 0, false, norm: null), activated, 1, 1);
            shortcut = End;
        }

        Shape = ConvAndNorm(NewConv($"{path}.conv1", images, outChannels, 3, stride, 1, false, norm: null), activated, 1, 1);
        Norm($"{path}.norm2", StyleNorm);
        Activation($"{path}.act2", style.Activation);
        Conv($"{path}.conv2", outChannels, 3, 1, 1, groups: 1, false, norm: null);
        Add(new SumNode(), new Source(End), new Source(shortcut));
    }

    /// <summary>act(norm(3x3) of act(norm(3x3)) + shortcut), a 1x1 convolution where the shape changes.</summary>
    /// <param name="norm">After every convolution; where there is none each has a bias.</param>
    /// <remarks>He et al. 2016, as torchvision's BasicBlock.</remarks>
    public void Basic(string path, int channels, int stride, NormKind? norm)
    {
        var (images, input) = (Shape, End);
        var shortcut = Shortcut(path, channels, stride, norm);
        Shape = ConvAndNorm(NewConv($"{path}.conv1", images, channels, 3, stride, 1, norm is null, norm), input, 1, 1);
        Activation($"{path}.act1", style.Activation);
        Conv($"{path}.conv2", channels, 3, 1, 1, groups: 1, norm is null, norm);
        Add(NewActivation($"{path}.act2", style.Activation), new Source(End), shortcut);
    }

    /// <summary>act(norm(1x1) of act(norm(3x3)) of act(norm(1x1)) + shortcut), with four times the channels at its end.</summary>
    /// <remarks>He et al. 2016; the stride is at the 3x3 convolution, as in torchvision.</remarks>
    public void Bottleneck(string path, int channels, int stride, NormKind? norm)
    {
        const int expansion = 4;
        var (images, input) = (Shape, End);
        var shortcut = Shortcut(path, expansion * channels, stride, norm);
        Shape = ConvAndNorm(NewConv($"{path}.conv1", images, channels, 1, 1, 0, norm is null, norm), input, 1, 1);
        Activation($"{path}.act1", style.Activation);
        Conv($"{path}.conv2", channels, 3, stride, 1, groups: 1, norm is null, norm);
        Activation($"{path}.act2", style.Activation);
        Conv($"{path}.conv3", expansion * channels, 1, 1, 0, groups: 1, norm is null, norm);
        Add(NewActivation($"{path}.act3", style.Activation), new Source(End), shortcut);
    }

    public void Activation(string path, Activation activation) => Add(NewActivation(path, activation), End);

    /// <summary>An activation whose beta is shared by all its uses; it takes the path of each use.</summary>
    public Action<string> SharedActivation(Activation activation)
    {
        INode? shared = null;
        BetaLayer? beta = null;
        return path =>
        {
            if (shared is null)
            {
                shared = NewActivation(path, activation);
                beta = activation.Kind == ActivationKind.CenteredSoftplus ? (BetaLayer)_layers[^1] : null;
            }
            else
            {
                beta?.OtherPaths.Add(path);
            }

            Add(shared, End);
        };
    }

    public void MeanPool(int kernel, int stride) => Pool(new MeanPoolNode(kernel, stride), kernel, stride, padding: 0);

    public void MaxPool(int kernel, int stride, int padding) => Pool(new MaxPoolNode(kernel, stride, padding), kernel, stride, padding);

    public void GlobalAveragePool()
    {
        Add(new AveragePoolNode(), End);
        (Shape, IsFlat) = (Shape with { Height = 1, Width = 1 }, true);
    }

    public void Dropout(double rate) => Add(new DropoutNode(rate, _nodes.Count(node => node.Node is DropoutNode)), End);

    public void Flatten()
    {
        if (!IsFlat)
        {
            Add(new FlattenNode(), End);
            (Shape, IsFlat) = (new ImageShape(Shape.Channels * Shape.Height * Shape.Width, 1, 1), true);
        }
    }

    public void Linear(string path, int outFeatures, bool spectral)
    {
        var layer = new LinearLayer(path, Shape.Channels, outFeatures, spectral);
        _layers.Add(layer);
        Add(new LinearNode(layer), End);
        Shape = new ImageShape(outFeatures, 1, 1);
    }

    /// <summary>A layer of a program's own; without parameters it is a node alone, as no rank would have anything to own.</summary>
    public void Own(OwnLayer layer)
    {
        if (layer.Parameters.Count > 0)
        {
            _layers.Add(layer);
        }

        Add(new OwnNode(layer), End);
        (Shape, IsFlat) = (new ImageShape(layer.Output.Channels, layer.Output.Height, layer.Output.Width), layer.Output.IsRow);
    }

    public Network Build() => new(Input, Shape.Channels, _layers, _nodes);

    private void Pool(INode node, int kernel, int stride, int padding)
    {
        Add(node, End);
        Shape = Shape with { Height = ((Shape.Height + (2 * padding) - kernel) / stride) + 1, Width = ((Shape.Width + (2 * padding) - kernel) / stride) + 1 };
    }

    // What a plain block adds: its input, through a 1x1 convolution where the shape changes.
    private Source Shortcut(string path, int outChannels, int stride, NormKind? norm)
    {
        if (stride == 1 && Shape.Channels == outChannels)
        {
            return new Source(End);
        }

        ConvAndNorm(NewConv($"{path}.shortcut", Shape, outChannels, 1, stride, 0, norm is null, norm), End, 1, 1);
        return new Source(End);
    }

    private void Add(INode node, int from) => Add(node, new Source(from));

    private void Add(INode node, params Source[] sources)
    {
        _nodes.Add(new NetworkNode(node, sources, _placed.._layers.Count));
        _placed = _layers.Count;
    }

    // With the norm that it has, if it has one.
    private ImageShape ConvAndNorm(ConvLayer layer, int from, double inputScale, double outputScale)
    {
        Add(new ConvNode(layer, inputScale, isFirst: from == 0), from);
        if (layer.HasBatchNorm)
        {
            Add(new NormNode(layer, outputScale), End);
        }

        return OutputOf(layer);
    }

    private ConvLayer NewConv(string path, ImageShape from, int outChannels, int kernel, int stride, int padding, bool bias, NormKind? norm, int groups = 1)
    {
        var geometry = new ConvGeometry(from.Channels, outChannels, kernel, stride, padding, from.Height, from.Width, groups);
        var layer = new ConvLayer(path, geometry, bias, style.ConvGrid, norm);
        _layers.Add(layer);
        return layer;
    }

    private static ImageShape OutputOf(ConvLayer layer) => new(layer.Geometry.OutChannels, layer.Geometry.OutHeight, layer.Geometry.OutWidth);

    private INode NewActivation(string path, Activation activation)
    {
        switch (activation.Kind)
        {
            case ActivationKind.CenteredSoftplus:
                var layer = new BetaLayer(path);
                _layers.Add(layer);
                return new BetaNode(layer);
            case ActivationKind.Softplus:
                return new SoftplusNode(activation.Sharpness);
            default:
                return new ReluNode();
        }
    }
}
