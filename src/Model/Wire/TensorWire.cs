using Lcnn.Distributed.Data.Wire;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Wire;

/// <summary>Tensors as element type, shape and strides in the metadata and their raw memory as a segment.</summary>
/// <remarks>Strides travel too: the receiver's kernels must see the layout the sender's would, or they may give other bits.</remarks>
internal static class TensorWire
{
    private const int MaxDimensions = 8;
    private const byte Float32 = 1;
    private const byte Float64 = 2;

    /// <summary>Adds a dense CPU tensor without copying it.</summary>
    public static void Write(WireWriter writer, Tensor t)
    {
        writer.WriteByte(t.dtype == ScalarType.Float64 ? Float64 : Float32);
        var (shape, strides) = (t.shape, t.stride());
        writer.WriteByte((byte)shape.Length);
        Write(writer, shape);
        Write(writer, strides);
        if (t.is_contiguous())
        {
            writer.WriteSegment(new TensorMemory(t).Memory);
            return;
        }

        using var inMemoryOrder = t.permute([.. Order(shape, strides)]).DetachFromDisposeScope();
        writer.WriteSegment(new TensorMemory(inMemoryOrder).Memory);
    }

    /// <summary>Their number, and each as <see cref="Write(WireWriter, Tensor)"/> does.</summary>
    public static void WriteAll(WireWriter writer, IReadOnlyList<Tensor> tensors)
    {
        writer.WriteInt32(tensors.Count);
        foreach (var tensor in tensors)
        {
            Write(writer, tensor);
        }
    }

    /// <summary>At least one fresh tensor, outside of any dispose scope, that is to be filled.</summary>
    /// <exception cref="WireFormatException">It is not what <see cref="WriteAll"/> wrote.</exception>
    public static Tensor[] ReadAll(WireReader reader)
    {
        var tensors = new Tensor[reader.ReadCount(bytesEach: 2)];
        if (tensors.Length == 0)
        {
            throw new WireFormatException("a layer without tensors");
        }

        for (var i = 0; i < tensors.Length; i++)
        {
            tensors[i] = Read(reader);
        }

        return tensors;
    }

    /// <summary>A fresh tensor, outside of any dispose scope, that is to be filled.</summary>
    public static Tensor Read(WireReader reader)
    {
        var (dtype, size) = reader.ReadByte() switch
        {
            Float32 => (ScalarType.Float32, sizeof(float)),
            Float64 => (ScalarType.Float64, sizeof(double)),
            var other => throw new WireFormatException($"element type {other}"),
        };
        int dimensions = reader.ReadByte();
        if (dimensions > MaxDimensions)
        {
            throw new WireFormatException($"{dimensions} dimensions");
        }

        var (shape, strides) = (new long[dimensions], new long[dimensions]);
        Fill(reader, shape);
        Fill(reader, strides);
        if (TryCountRowMajor(shape, strides, out var count))
        {
            reader.ClaimSegment(count * size);
            var rowMajor = empty(shape, dtype: dtype).DetachFromDisposeScope();
            reader.AddTarget(new TensorMemory(rowMajor).Memory, rowMajor);
            return rowMajor;
        }

        var bytes = reader.ClaimSegment(CountDense(shape, strides) * size);
        using var flat = empty(bytes / size, dtype: dtype).DetachFromDisposeScope();
        var t = flat.as_strided(shape, strides).DetachFromDisposeScope();
        reader.AddTarget(new TensorMemory(flat).Memory, t);
        return t;
    }

    private static void Write(WireWriter writer, long[] numbers)
    {
        foreach (var number in numbers)
        {
            writer.WriteInt64(number);
        }
    }

    private static void Fill(WireReader reader, long[] numbers)
    {
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] = reader.ReadInt64();
            if (numbers[i] is < 0 or > int.MaxValue)
            {
                throw new WireFormatException($"a size or stride of {numbers[i]}");
            }
        }
    }

    // The common case, without a sort.
    private static bool TryCountRowMajor(long[] shape, long[] strides, out Int128 count)
    {
        count = 1;
        for (var dimension = shape.Length - 1; dimension >= 0; dimension--)
        {
            if (strides[dimension] != count)
            {
                return false;
            }

            count *= shape[dimension];
        }

        return true;
    }

    // The elements must fill their memory without gap or overlap, or a peer could point outside of it.
    private static Int128 CountDense(long[] shape, long[] strides)
    {
        Int128 count = 1;
        foreach (var dimension in Order(shape, strides).Reverse())
        {
            if (shape[dimension] != 1 && strides[dimension] != count)
            {
                throw new WireFormatException($"shape [{string.Join(", ", shape)}] with strides [{string.Join(", ", strides)}]");
            }

            count *= shape[dimension];
        }

        return count;
    }

    private static IEnumerable<long> Order(long[] shape, long[] strides) => Enumerable.Range(0, shape.Length)
        .OrderByDescending(dimension => shape[dimension] == 1 ? long.MaxValue : strides[dimension])
        .Select(dimension => (long)dimension);
}
