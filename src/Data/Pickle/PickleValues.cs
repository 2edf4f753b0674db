using Lcnn.Distributed.Data.Checkpoints;

namespace Lcnn.Distributed.Data.Pickle;

/// <summary>A dictionary of a pickle: entries in order; nothing is hashed before it is known to be a name.</summary>
internal sealed class PickledDictionary
{
    public List<KeyValuePair<object?, object?>> Entries { get; } = [];
}

/// <summary>A list of a pickle.</summary>
internal sealed class PickledList
{
    public List<object?> Items { get; } = [];
}

/// <summary>A tuple of a pickle.</summary>
internal sealed record PickledTuple(object?[] Items);

/// <summary>A name that a pickle asks for: one of the few that are known.</summary>
internal sealed record PickledGlobal(string Module, string Name)
{
    public override string ToString() => $"{Module}.{Name}";
}

/// <summary>Where a tensor's numbers lie: an entry of the file.</summary>
internal sealed record TorchStorage(string Key, ElementType DType, long Count);

/// <summary>A tensor as torch describes it: a view of a storage, offset and strides in elements.</summary>
internal sealed record TorchTensor(TorchStorage Storage, long Offset, long[] Shape, long[] Strides);
