using System.Globalization;
using System.Text.RegularExpressions;
using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Networks;

namespace Lcnn.Distributed.Model.Exchange;

/// <summary>Plain residual networks with torchvision's keys (resnet18, 34, 50, ...), their batch norms folded into the convolutions, as evaluation has them.</summary>
/// <remarks>
/// torchvision/models/resnet.py. A 7x7 stem has stride 2 and a pooling behind it; a 3x3 stem has neither, as in the networks for CIFAR that call
/// the shortcut "shortcut" and the last layer "linear".
/// </remarks>
internal sealed partial class TorchvisionNetwork
{
    /// <summary>Whose form it is.</summary>
    public const string Name = "torchvision's residual network";

    private readonly BatchNormFolding _folding;
    private readonly List<NetworkElement> _layers = [];
    private readonly List<string> _notes = [];

    private TorchvisionNetwork(IReadOnlyDictionary<string, SafeTensor> tensors) => _folding = new BatchNormFolding(tensors);

    /// <summary>The network; null where the keys are not torchvision's.</summary>
    /// <exception cref="CheckpointException">They are, but some are missing, too many or of other shapes; all are named.</exception>
    public static ForeignNetwork? Recognise(IReadOnlyDictionary<string, SafeTensor> tensors, string source) =>
        tensors.GetValueOrDefault("conv1.weight") is { Shape: [_, var channels, _, _] } && tensors.ContainsKey("layer1.0.conv1.weight")
            ? new TorchvisionNetwork(tensors).Read((int)channels, source) : null;

    [GeneratedRegex(@"^layer([0-9]{1,2})\.([0-9]{1,3})\.conv1\.weight$")]
    private static partial Regex Block { get; }

    private ForeignNetwork Read(int channels, string source)
    {
        ReadStem();
        var blocks = _folding.Given.Keys.Select(key => Block.Match(key)).Where(match => match.Success)
            .Select(match => (Stage: Whole(match.Groups[1].Value), Block: Whole(match.Groups[2].Value))).Order().ToList();
        foreach (var stage in blocks.GroupBy(block => block.Stage))
        {
            ReadStage(stage.Key, stage.Max(block => block.Block) + 1);
        }

        _layers.Add(Element("globalAveragePool"));
        _layers.Add(Element("flatten"));
        _folding.Linear(_folding.Given.ContainsKey("linear.weight") ? "linear" : "fc", Text(_layers.Count));
        _layers.Add(Element("linear", ("features", NetworkReader.Classes), ("spectral", "false")));
        _folding.Check(source, Name);
        _notes.Add(_folding.Folded > 0
            ? $"{_folding.Folded} batch norms were folded into their convolutions, in float64: what it computes in evaluation is kept to rounding, and training on from it trains without them"
            : "its batch norms are folded already");
        var description = new NetworkDescription("imported-resnet", NetworkStyles.Rectified, new Dictionary<string, long>(), _layers);
        return new ForeignNetwork(Name, description, "", _folding.Made, new ImageShape(channels, 0, 0), _notes);
    }

    private void ReadStem()
    {
        var shape = _folding.Conv("conv1", "bn1", "0.0");
        var kernel = shape is [_, _, var side, _] ? side : 3;
        var isLarge = kernel > 3;
        _layers.Add(new NetworkElement("sequence", new Dictionary<string, string>(),
            [Element("conv", ("channels", Text(shape[0])), ("kernel", Text(kernel)), ("stride", isLarge ? "2" : "1"), ("bias", "true"), ("norm", "none")), Element("activation")]));
        if (isLarge)
        {
            _layers.Add(Element("maxPool", ("kernel", "3"), ("stride", "2"), ("padding", "1")));
        }

        _notes.Add(isLarge ? "its 7x7 stem is taken to have stride 2 and a 3x3 max pooling of stride 2 behind it" : "its 3x3 stem is taken to have stride 1 and no pooling behind it");
    }

    private void ReadStage(int stage, int blocks)
    {
        var isDeep = _folding.Given.ContainsKey($"layer{stage}.0.conv3.weight");
        var channels = 0L;
        for (var block = 0; block < blocks; block++)
        {
            var (from, to) = ($"layer{stage}.{block}", $"{_layers.Count}.{block}");
            for (var i = 1; i <= (isDeep ? 3 : 2); i++)
            {
                var shape = _folding.Conv($"{from}.conv{i}", $"{from}.bn{i}", $"{to}.conv{i}");
                channels = i == 1 ? shape[0] : channels;
            }

            var shortcut = _folding.Given.ContainsKey($"{from}.shortcut.0.weight") ? $"{from}.shortcut" : $"{from}.downsample";
            if (_folding.Given.ContainsKey($"{shortcut}.0.weight"))
            {
                _folding.Conv($"{shortcut}.0", $"{shortcut}.1", $"{to}.shortcut");
            }
        }

        _layers.Add(Element(
            isDeep ? "bottleneck" : "basic", ("channels", Text(channels)), ("stride", stage == 1 ? "1" : "2"), ("blocks", Text(blocks)), ("norm", "none")));
    }

    private static NetworkElement Element(string kind, params (string Name, string Value)[] arguments) =>
        new(kind, arguments.ToDictionary(argument => argument.Name, argument => argument.Value), []);

    private static int Whole(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
