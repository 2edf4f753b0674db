using Lcnn.Distributed.Data.Checkpoints;

namespace Lcnn.Distributed.Data.Pickle;

/// <summary>The elements of a view in row-major order.</summary>
internal static class TorchView
{
    /// <summary>A part of the storage itself where that is in order already, else a copy.</summary>
    /// <exception cref="CheckpointException">The storage is missing or has another size.</exception>
    public static ReadOnlyMemory<byte> Read(TorchTensor tensor, string name, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> storages, string source)
    {
        var size = tensor.Storage.DType.BitCount() / 8;
        var bytes = storages.GetValueOrDefault(tensor.Storage.Key);
        if (!storages.ContainsKey(tensor.Storage.Key) || bytes.Length / size != tensor.Storage.Count || bytes.Length % size != 0)
        {
            throw new CheckpointException(
                source, $"storage {CheckpointException.Quote(tensor.Storage.Key)} of tensor {CheckpointException.Quote(name)}", $"{tensor.Storage.Count} elements of {size} bytes",
                storages.ContainsKey(tensor.Storage.Key) ? $"{bytes.Length} bytes" : "none", "The file is damaged; use another copy.");
        }

        if (tensor.Shape.Contains(0))
        {
            return ReadOnlyMemory<byte>.Empty;
        }

        var count = (int)tensor.Shape.Aggregate(1L, (product, side) => product * side);
        return IsRowMajor(tensor) ? bytes.Slice((int)tensor.Offset * size, count * size) : Gather(tensor, bytes.Span, size, count);
    }

    private static bool IsRowMajor(TorchTensor tensor)
    {
        var step = 1L;
        for (var i = tensor.Shape.Length - 1; i >= 0; i--)
        {
            if (tensor.Shape[i] != 1 && tensor.Strides[i] != step)
            {
                return false;
            }

            step *= tensor.Shape[i];
        }

        return true;
    }

    private static byte[] Gather(TorchTensor tensor, ReadOnlySpan<byte> bytes, int size, int count)
    {
        var gathered = new byte[count * size];
        var place = new long[tensor.Shape.Length];
        var from = tensor.Offset;
        for (var i = 0; i < count; i++)
        {
            bytes.Slice((int)from * size, size).CopyTo(gathered.AsSpan(i * size));
            for (var axis = place.Length - 1; axis >= 0; axis--)
            {
                from += tensor.Strides[axis];
                if (++place[axis] < tensor.Shape[axis])
                {
                    break;
                }

                from -= tensor.Strides[axis] * tensor.Shape[axis];
                place[axis] = 0;
            }
        }

        return gathered;
    }
}
