using Lcnn.Distributed.Data.Checkpoints;

namespace Lcnn.Distributed.Data.Pickle;

/// <summary>The few names that a state dict's pickle may ask for, and what becomes of them. None of them is code here.</summary>
internal static class TorchObjects
{
    private const int MaxDimensions = 64;

    private static readonly Dictionary<string, ElementType> _storages = new(StringComparer.Ordinal)
    {
        ["HalfStorage"] = ElementType.F16,
        ["BFloat16Storage"] = ElementType.BF16,
        ["FloatStorage"] = ElementType.F32,
        ["DoubleStorage"] = ElementType.F64,
        ["LongStorage"] = ElementType.I64,
        ["IntStorage"] = ElementType.I32,
        ["ShortStorage"] = ElementType.I16,
        ["CharStorage"] = ElementType.I8,
        ["ByteStorage"] = ElementType.U8,
        ["BoolStorage"] = ElementType.BOOL,
    };

    private static readonly HashSet<string> _callables = new(StringComparer.Ordinal)
    {
        "collections.OrderedDict", "torch.Size", "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_parameter",
    };

    /// <summary>The name of torch's storages of a type; null where it has none that is known here.</summary>
    public static string? StorageName(ElementType type) => _storages.FirstOrDefault(storage => storage.Value == type).Key;

    /// <exception cref="CheckpointException">It is no name of a state dict.</exception>
    public static PickledGlobal Find(string module, string name, PickleReader reader)
    {
        var global = new PickledGlobal(module, name);
        return _callables.Contains($"{global}") || (module == "torch" && _storages.ContainsKey(name)) ? global
            : throw reader.Problem($"asks for {CheckpointException.Quote($"{global}")}", "one of the names that state dicts use, of tensors and dictionaries", "another, which was not run");
    }

    /// <summary>A storage out of its persistent id: ('storage', type, key, place, count), and of old files a view as well.</summary>
    /// <exception cref="CheckpointException">It is no such id.</exception>
    public static TorchStorage Storage(object? id, PickleReader reader) =>
        id is PickledTuple { Items: ["storage", PickledGlobal { Module: "torch", Name: var type }, string key, _, long count, .. var rest] }
        && rest is [] or [null] && count >= 0 && _storages.TryGetValue(type, out var dtype)
            ? new TorchStorage(key, dtype, count)
            : throw reader.Problem("not the id of a storage", "('storage', type, key, place, count)", PickleReader.Describe(id));

    /// <summary>What a call gives.</summary>
    /// <exception cref="CheckpointException">Its arguments are not those of a state dict.</exception>
    public static object Make(PickledGlobal global, object?[] arguments, PickleReader reader) => (global.Name, arguments) switch
    {
        ("OrderedDict", []) => new PickledDictionary(),
        ("OrderedDict", [PickledList pairs]) => FromPairs(pairs, reader),
        ("Size", [PickledTuple sizes]) => sizes,
        ("_rebuild_parameter", [TorchTensor tensor, ..]) => tensor,
        ("_rebuild_tensor_v2", [TorchStorage storage, long offset, PickledTuple sizes, PickledTuple strides, ..]) => Tensor(storage, offset, sizes, strides, reader),
        _ => throw reader.Problem($"wrong arguments for {global}", "those of a tensor or a dictionary", $"{arguments.Length} of them"),
    };

    private static PickledDictionary FromPairs(PickledList pairs, PickleReader reader)
    {
        var made = new PickledDictionary();
        foreach (var pair in pairs.Items)
        {
            made.Entries.Add(pair switch
            {
                PickledTuple { Items: [var key, var value] } => KeyValuePair.Create(key, value),
                PickledList { Items: [var key, var value] } => KeyValuePair.Create(key, value),
                _ => throw reader.Problem("wrong arguments for collections.OrderedDict", "pairs", PickleReader.Describe(pair)),
            });
        }

        return made;
    }

    private static TorchTensor Tensor(TorchStorage storage, long offset, PickledTuple sizes, PickledTuple strides, PickleReader reader)
    {
        var (shape, steps) = (Numbers(sizes), Numbers(strides));
        if (shape is null || steps is null || shape.Length != steps.Length || offset < 0)
        {
            throw reader.Problem("a tensor with sizes that cannot be", $"up to {MaxDimensions} sizes and as many strides, none below 0", "others");
        }

        Int128 count = 1, last = offset;
        for (var i = 0; i < shape.Length; i++)
        {
            count = Int128.Min(count * shape[i], long.MaxValue);
            last = Int128.Min(last + ((Int128)(shape[i] - 1) * steps[i]), long.MaxValue);
        }

        // No view that repeats elements: a small file would become a large one.
        return count == 0 || (last < storage.Count && count <= storage.Count) ? new TorchTensor(storage, offset, shape, steps)
            : throw reader.Problem($"a tensor of shape [{string.Join(", ", shape)}] reaches beyond its storage", $"at most {storage.Count} elements", $"{Int128.Max(count, last + 1)}");
    }

    private static long[]? Numbers(PickledTuple tuple) =>
        tuple.Items.Length <= MaxDimensions && tuple.Items.All(item => item is long and >= 0) ? [.. tuple.Items.Cast<long>()] : null;
}
