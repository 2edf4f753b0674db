using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Networks;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Certificates;

/// <summary>Bounds on what a network computes in evaluation, node by node from the images to the logits.</summary>
/// <remarks>Dropout hands on its input in evaluation; a convolution and its batch norm are one affine map; residual sums add.</remarks>
internal sealed class NetworkSmoothness
{
    private readonly Network _network;
    private readonly ILayerGains _gains;
    private readonly Smoothness[] _values; // the images, then every node's output
    private readonly (int Height, int Width)[] _sizes;
    private readonly double[] _steepness; // of every node, 2 to 2
    private readonly List<(int Node, string Path, double Beta, Smoothness Input)> _activations = [];

    private NetworkSmoothness(Network network, ILayerGains gains)
    {
        (_network, _gains) = (network, gains);
        _values = new Smoothness[network.Nodes.Count + 1];
        _sizes = new (int, int)[_values.Length];
        _steepness = new double[network.Nodes.Count];
        (_values[0], _sizes[0]) = (Smoothness.Images, (network.Input.Height, network.Input.Width));
    }

    /// <summary>Of the logits.</summary>
    public Smoothness Logits => _values[^1];

    /// <summary>Of the input of the last linear layer, which makes the logits; null where the network ends otherwise.</summary>
    public (LinearLayer Layer, Smoothness Input)? Head { get; private set; }

    /// <summary>What has no Jacobian everywhere, so that there is no bound on curvature; null where all has.</summary>
    public string? Obstacle { get; private set; }

    /// <summary>Goes through a network.</summary>
    public static NetworkSmoothness Of(Network network, ILayerGains gains)
    {
        var smoothness = new NetworkSmoothness(network, gains);
        for (var node = 0; node < network.Nodes.Count; node++)
        {
            smoothness.Visit(node);
        }

        return smoothness;
    }

    /// <summary>What every activation adds to the logits' bound, in forward order; shares are 0 where there is none.</summary>
    public IReadOnlyList<ActivationShare> Shares()
    {
        var gains = GainsToLogits();
        var curvatures = _activations.Select(activation => activation.Input.CurvatureOfSoftplus(activation.Beta) * gains[activation.Node + 1]).ToList();
        var total = curvatures.Sum();
        return [.. _activations.Zip(curvatures, (activation, curvature) => new ActivationShare(
            activation.Path, activation.Beta, activation.Input.Lipschitz, activation.Input.LargestChange,
            gains[activation.Node + 1], curvature, total is > 0 and < double.PositiveInfinity ? curvature / total : 0))];
    }

    private void Visit(int node)
    {
        var sources = _network.Nodes[node].Sources;
        var input = sources.Count == 1 && sources[0].Factor == 1
            ? _values[sources[0].Value]
            : sources.Aggregate(Smoothness.Nothing, (sum, source) => sum.Plus(_values[source.Value], source.Factor));
        var size = _sizes[sources[0].Value];
        (_values[node + 1], _steepness[node], _sizes[node + 1]) = _network.Nodes[node].Node switch
        {
            // Bounded together with the batch norm behind it.
            ConvNode { Layer.HasBatchNorm: true } conv => (input.Times(conv.Scale), conv.Scale, (conv.Layer.Geometry.OutHeight, conv.Layer.Geometry.OutWidth)),
            ConvNode conv => Affine(input, _gains.Of(conv.Layer).Times(conv.Scale), (conv.Layer.Geometry.OutHeight, conv.Layer.Geometry.OutWidth)),
            NormNode { Layer: ConvLayer layer } norm => Affine(input, _gains.Of(layer).Times(norm.Scale), size),
            NormNode { Layer: NormLayer layer } norm => Affine(input, _gains.Of(layer).Times(norm.Scale), size),
            BetaNode beta => Softplus(node, beta.Layer.Path, _gains.Beta(beta.Layer), input, size),
            SoftplusNode { Beta: var beta } => Softplus(node, PathBefore(node), beta, input, size),
            ReluNode => Kink(node, "ReLU", input.ThroughKink(), 1, size),
            MaxPoolNode pool => Kink(node, "max pooling", input.ThroughMaximum(Math.Pow(Overlap(pool.Kernel, pool.Stride), 2)), Overlap(pool.Kernel, pool.Stride), After(pool.Kernel, pool.Stride, pool.Padding, size)),
            MeanPoolNode pool => Affine(input, Mean(pool.Kernel, pool.Stride, size), After(pool.Kernel, pool.Stride, 0, size)),
            AveragePoolNode => Affine(input, Mean(size.Height * size.Width), (1, 1)),
            LinearNode linear => Linear(node, linear.Layer, input),
            FlattenNode => (input, 1, (1, 1)),
            SumNode or DropoutNode => (input, 1, size),
            OwnNode own => Unbounded(own.Layer.Path, size),
            var other => throw new NotSupportedException($"no bound is known for {other.GetType().Name}"),
        };
    }

    private static (Smoothness, double, (int, int)) Affine(Smoothness input, AffineGain gain, (int, int) size) => (input.Through(gain), gain.Norm, size);

    private (Smoothness, double, (int, int)) Linear(int node, LinearLayer layer, Smoothness input)
    {
        Head = node == _network.Nodes.Count - 1 ? (layer, input) : null;
        return Affine(input, _gains.Of(layer), (1, 1));
    }

    private (Smoothness, double, (int, int)) Softplus(int node, string path, double beta, Smoothness input, (int, int) size)
    {
        _activations.Add((node, path, beta, input));
        return (input.ThroughSoftplus(beta), 1, size);
    }

    private (Smoothness, double, (int, int)) Kink(int node, string what, Smoothness output, double steepness, (int, int) size)
    {
        Obstacle ??= $"{what} after layer '{PathBefore(node)}' has no second derivative";
        return (output, steepness, size);
    }

    // A layer of somebody else's making: nothing is known of it.
    private (Smoothness, double, (int, int)) Unbounded(string path, (int, int) size)
    {
        Obstacle = $"nothing bounds the operation of layer '{path}', which a program brought";
        return (new Smoothness(double.PositiveInfinity, double.PositiveInfinity, double.PositiveInfinity), double.PositiveInfinity, size);
    }

    // A node without layers of its own is named after the layer before it.
    private string PathBefore(int node) => _network.Nodes[node].Layers.End.Value is > 0 and var end ? _network.Layers[end - 1].Path : "images";

    // Windows along one side that hold the same pixel.
    private static int Overlap(int kernel, int stride) => (kernel + stride - 1) / stride;

    private static (int, int) After(int kernel, int stride, int padding, (int Height, int Width) size) =>
        (((size.Height + (2 * padding) - kernel) / stride) + 1, ((size.Width + (2 * padding) - kernel) / stride) + 1);

    private static AffineGain Mean(int pixels)
    {
        var root = Upward.Reciprocal(Math.BitDecrement(Math.Sqrt(pixels)));
        return new AffineGain(root, root, 1);
    }

    private static AffineGain Mean(int kernel, int stride, (int Height, int Width) size)
    {
        var apart = Mean(kernel * kernel);
        if (stride >= kernel)
        {
            return apart;
        }

        using var scope = NewDisposeScope();
        var window = ones([1L, 1, kernel, kernel], dtype: ScalarType.Float64) / tensor((double)kernel * kernel, dtype: ScalarType.Float64);
        return apart with { Norm = ConvolutionNorm.Upper(window, size.Height, size.Width, stride, padding: 0) };
    }

    // Of the images and every node's output, over all ways: a sum over its readers.
    private double[] GainsToLogits()
    {
        var gains = new double[_values.Length];
        gains[^1] = 1;
        for (var node = _network.Nodes.Count - 1; node >= 0; node--)
        {
            foreach (var source in _network.Nodes[node].Sources)
            {
                gains[source.Value] += Math.Abs(source.Factor) * _steepness[node] * gains[node + 1];
            }
        }

        return gains;
    }
}
