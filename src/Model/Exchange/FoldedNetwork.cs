using System.Globalization;
using System.Text;
using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Model.Evaluation;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Exchange;

/// <summary>A network as modules of torch.nn compute it in evaluation: spectral norms, gains and the blocks' scales are in plain weights.</summary>
public sealed class FoldedNetwork
{
    private readonly TrainedNetwork _trained;
    private readonly EffectiveParameters _parameters;
    private readonly List<SafeTensor> _tensors = [];
    private readonly Dictionary<INode, string> _modules = new(ReferenceEqualityComparer.Instance);
    private readonly StringBuilder _made = new();
    private readonly StringBuilder _run = new();

    private FoldedNetwork(TrainedNetwork trained, EffectiveParameters parameters) => (_trained, _parameters) = (trained, parameters);

    /// <summary>Its state dict.</summary>
    public IReadOnlyList<SafeTensor> Tensors => _tensors;

    /// <summary>A file of Python that builds it and needs torch alone.</summary>
    public string Program { get; private set; } = "";

    /// <summary>Folds a network.</summary>
    /// <param name="name">What it is called.</param>
    public static FoldedNetwork Of(TrainedNetwork trained, string name)
    {
        ArgumentNullException.ThrowIfNull(trained);
        using var parameters = new EffectiveParameters(trained.Layers, Normalization.Running);
        var folded = new FoldedNetwork(trained, parameters);
        for (var i = 0; i < trained.Network.Nodes.Count; i++)
        {
            folded.Add(i, trained.Network.Nodes[i]);
        }

        var input = trained.Network.Input;
        folded.Program = FoldedProgram.Write(
            name, $"{input.Channels}, {input.Height}, {input.Width}", trained.Network.Classes, folded._made.ToString(), folded._run.ToString(), trained.Network.Nodes.Count);
        return folded;
    }

    private void Add(int index, NetworkNode node)
    {
        var input = string.Join(" + ", node.Sources.Select(source => source.Factor == 1 ? $"v{source.Value}" : $"{Number(source.Factor)} * v{source.Value}"));
        if (node.Node is SumNode)
        {
            _run.Append(CultureInfo.InvariantCulture, $"        v{index + 1} = {input}\n");
            return;
        }

        if (!_modules.TryGetValue(node.Node, out var module))
        {
            _modules.Add(node.Node, module = NameOf(node.Node, index));
            _made.Append(CultureInfo.InvariantCulture, $"        self.{module} = {Make(node.Node, module)}\n");
        }

        _run.Append(CultureInfo.InvariantCulture, $"        v{index + 1} = self.{module}({input})\n");
    }

    private static string NameOf(INode node, int index) => node switch
    {
        ConvNode { Layer: var layer } => Named("conv", layer),
        NormNode { Layer: var layer } => Named("norm", layer),
        BetaNode { Layer: var layer } => Named("act", layer),
        LinearNode { Layer: var layer } => Named("linear", layer),
        _ => $"node_{index}",
    };

    private static string Named(string kind, Layer layer) => $"{kind}_{layer.Path.Replace('.', '_')}";

    private string Make(INode node, string module)
    {
        switch (node)
        {
            case ConvNode conv:
                return MakeConv(conv, module);
            case NormNode norm:
                return MakeNorm(norm, module);
            case BetaNode beta:
                _tensors.Add(SafeTensor.Create<float>($"{module}.beta", [(float)_parameters.Beta(beta.Layer)]));
                return "CenteredSoftplus()";
            case LinearNode { Layer: var layer }:
                Keep($"{module}.weight", _parameters.Of(layer)[0]);
                Keep($"{module}.bias", _parameters.Of(layer)[1]);
                return $"nn.Linear({layer.EffectiveShapes[0][1]}, {layer.EffectiveShapes[0][0]})";
            case SoftplusNode softplus:
                return $"nn.Softplus(beta={Number(softplus.Beta)})";
            case MaxPoolNode pool:
                return $"nn.MaxPool2d({pool.Kernel}, stride={pool.Stride}, padding={pool.Padding})";
            case MeanPoolNode pool:
                return $"nn.AvgPool2d({pool.Kernel}, stride={pool.Stride})";
            case DropoutNode dropout:
                return $"nn.Dropout({Number(dropout.Rate)})";
            case AveragePoolNode:
                return "nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())";
            case FlattenNode:
                return "nn.Flatten()";
            case ReluNode:
                return "nn.ReLU()";
            default:
                throw new NotSupportedException($"{node.GetType().Name} has no counterpart in torch.nn");
        }
    }

    private string MakeConv(ConvNode conv, string module)
    {
        var (layer, geometry) = (conv.Layer, conv.Layer.Geometry);
        Keep($"{module}.weight", _parameters.Scaled(layer, 0, conv.Scale));
        if (layer.HasBias)
        {
            Keep($"{module}.bias", _parameters.Of(layer)[1]);
        }

        return $"nn.Conv2d({geometry.InChannels}, {geometry.OutChannels}, {geometry.Kernel}, stride={geometry.Stride}, padding={geometry.Padding}, "
            + $"groups={geometry.Groups}, bias={(layer.HasBias ? "True" : "False")})";
    }

    private string MakeNorm(NormNode norm, string module)
    {
        var layer = norm.Layer;
        var mean = _parameters.RunningMean(layer);
        var channels = (int)mean.shape[0];
        var gain = (float)((layer.HasGain ? _parameters.Gain(layer) : 1) * norm.Scale);
        _tensors.Add(SafeTensor.Create<float>($"{module}.weight", Enumerable.Repeat(gain, channels).ToArray(), channels));
        _tensors.Add(SafeTensor.Create<float>($"{module}.bias", new float[channels], channels));
        Keep($"{module}.running_mean", mean);
        Keep($"{module}.running_var", _parameters.RunningVariance(layer));
        _tensors.Add(SafeTensor.Create<long>($"{module}.num_batches_tracked", [0L]));
        return $"nn.BatchNorm2d({channels})";
    }

    private void Keep(string name, Tensor tensor) => _tensors.Add(new SafeTensor(name, ElementType.F32, tensor.shape, TensorLayout.ToBytes(tensor)));

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture) is var text && text.AsSpan().ContainsAny('.', 'E') ? text : $"{text}.0";
}
