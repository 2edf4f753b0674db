using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Checkpoints;

/// <summary>The raw state of layers as named tensors under the reference's state-dict keys, and back.</summary>
/// <remarks>
/// Every method takes any set of layers, so that an owner reads and writes its own. An import is strict and all or nothing: it checks
/// every key, type and shape before it changes a value.
/// </remarks>
public static class NetworkState
{
    /// <summary>Copies parameters and buffers; what a network uses twice stands under both keys, as in the reference's state dict.</summary>
    public static IReadOnlyList<SafeTensor> Export(IEnumerable<LayerState> layers) =>
        [.. layers.SelectMany(layer => Tensors(layer).Concat(layer.Aliases)).Select(entry => Copy(entry.Key, entry.Value))];

    /// <summary>Copies what an optimizer keeps of every parameter, under the parameter's key and a suffix each.</summary>
    public static IReadOnlyList<SafeTensor> ExportOptimizer(IEnumerable<LayerState> layers, IReadOnlyList<string> suffixes) =>
        [.. layers.SelectMany(layer => OptimizerTensors(layer, suffixes)).Select(entry => Copy(entry.Key, entry.Value))];

    /// <summary>Overwrites parameters and buffers.</summary>
    /// <param name="layers">All layers of a network, or some.</param>
    /// <param name="tensors">Tensors by key; narrower values (half, bfloat16, 8-bit floats) may go into wider layers, which loses nothing.</param>
    /// <param name="source">What the tensors came from, for errors.</param>
    /// <param name="whole">Whether the layers are all there are: if not, keys of other layers are passed over.</param>
    /// <exception cref="CheckpointException">A key is missing or unexpected, or a type or shape is wrong; nothing has changed.</exception>
    public static void Import(
        IEnumerable<LayerState> layers, IReadOnlyDictionary<string, SafeTensor> tensors, string source, bool whole = true) =>
        Import([.. layers], Tensors, tensors, source, whole);

    /// <summary>Overwrites what an optimizer keeps of every parameter; like <see cref="Import(IEnumerable{LayerState}, IReadOnlyDictionary{string, SafeTensor}, string, bool)"/>.</summary>
    /// <exception cref="CheckpointException">A key is missing or unexpected, or a type or shape is wrong; nothing has changed.</exception>
    public static void ImportOptimizer(
        IEnumerable<LayerState> layers, IReadOnlyList<string> suffixes, IReadOnlyDictionary<string, SafeTensor> tensors, string source, bool whole = true) =>
        Import([.. layers], layer => OptimizerTensors(layer, suffixes), tensors, source, whole);

    internal static IEnumerable<KeyValuePair<string, Tensor>> Tensors(LayerState layer) =>
        layer.Parameters.Select(parameter => KeyValuePair.Create(parameter.Key, parameter.Value)).Concat(layer.Buffers);

    private static IEnumerable<KeyValuePair<string, Tensor>> OptimizerTensors(LayerState layer, IReadOnlyList<string> suffixes) =>
        layer.Parameters.SelectMany(parameter => suffixes.Zip(parameter.OptimizerState, (suffix, state) => KeyValuePair.Create(parameter.Key + suffix, state)));

    private static void Import(
        IReadOnlyList<LayerState> layers, Func<LayerState, IEnumerable<KeyValuePair<string, Tensor>>> tensorsOf,
        IReadOnlyDictionary<string, SafeTensor> given, string source, bool whole)
    {
        var targets = layers.SelectMany(tensorsOf).ToDictionary(StringComparer.Ordinal);
        foreach (var (key, target) in targets)
        {
            Check(key, target, given.GetValueOrDefault(key), source);
        }

        CheckAliases(layers, targets, given, source);
        var aliases = layers.SelectMany(layer => layer.Aliases).Select(alias => alias.Key).ToHashSet(StringComparer.Ordinal);
        var prefixes = layers.Select(layer => layer.Layer.Path + ".").ToList();
        foreach (var key in given.Keys)
        {
            if (!targets.ContainsKey(key) && !aliases.Contains(key) && (whole || prefixes.Any(prefix => key.StartsWith(prefix, StringComparison.Ordinal))))
            {
                throw Problem(source, key, "unexpected key", "only keys of the network", "one more");
            }
        }

        using var _ = no_grad();
        foreach (var (key, target) in targets)
        {
            using var value = empty([.. given[key].Shape], dtype: target.dtype);
            Widening.Read(given[key], ElementTypeOf(target.dtype)).CopyTo(value.bytes);
            target.copy_(value);
        }
    }

    private static void Check(string key, Tensor target, SafeTensor? given, string source)
    {
        if (given is null)
        {
            throw Problem(source, key, "missing key", Describe(target.shape), "nothing");
        }

        if (!given.Shape.SequenceEqual(target.shape))
        {
            throw Problem(source, key, "wrong shape", Describe(target.shape), Describe(given.Shape));
        }

        var expected = ElementTypeOf(target.dtype);
        if (!Widening.IsExact(given.DType, expected))
        {
            throw Problem(source, key, "wrong element type", $"{expected} or one that it holds exactly", $"{given.DType}");
        }
    }

    // A repeated key may be left out, but it must not say something else.
    private static void CheckAliases(
        IReadOnlyList<LayerState> layers, Dictionary<string, Tensor> targets, IReadOnlyDictionary<string, SafeTensor> given, string source)
    {
        foreach (var alias in layers.SelectMany(layer => layer.Aliases))
        {
            var key = targets.FirstOrDefault(target => ReferenceEquals(target.Value, alias.Value)).Key;
            if (key is not null && given.TryGetValue(alias.Key, out var repeated) && !repeated.Data.Span.SequenceEqual(given[key].Data.Span))
            {
                throw Problem(source, alias.Key, "contradicting value", $"that of {CheckpointException.Quote(key)}, which is the same tensor", "another");
            }
        }
    }

    private static CheckpointException Problem(string source, string key, string what, string expected, string got) => new(
        source, $"{CheckpointException.Quote(key)}: {what}", expected, got,
        "The tensors are of another architecture, input size or number of classes.");

    private static string Describe(IEnumerable<long> shape) => $"[{string.Join(", ", shape)}]";

    private static SafeTensor Copy(string key, Tensor t) => new(key, ElementTypeOf(t.dtype), t.shape, TensorLayout.ToBytes(t));

    private static ElementType ElementTypeOf(ScalarType type) => type switch
    {
        ScalarType.Float32 => ElementType.F32,
        ScalarType.Float64 => ElementType.F64,
        ScalarType.Int64 => ElementType.I64,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "no layer holds it"),
    };
}
