using System.Runtime.InteropServices;
using Lcnn.Distributed.Data.Wire;

namespace Lcnn.Distributed.Data.Checkpoints;

/// <summary>A named tensor outside of libtorch: element type, shape and row-major little-endian bytes.</summary>
public sealed class SafeTensor
{
    internal const string MetadataName = "__metadata__";

    /// <summary>Wraps <paramref name="data"/> without copying; its length must be that of the shape.</summary>
    public SafeTensor(string name, ElementType dtype, IReadOnlyList<long> shape, ReadOnlyMemory<byte> data)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(shape);
        if (NameProblem(name) is { } problem)
        {
            throw new ArgumentException(problem, nameof(name));
        }

        if (!TryCountBytes(dtype, shape, out var expected) || expected != data.Length)
        {
            throw new ArgumentException(
                $"{name}: {dtype} of shape [{string.Join(", ", shape)}] does not take the {data.Length} bytes given.", nameof(data));
        }

        Name = name;
        DType = dtype;
        Shape = shape;
        Data = data;
    }

    /// <summary>The tensor's key.</summary>
    public string Name { get; }

    /// <summary>Type of every element.</summary>
    public ElementType DType { get; }

    /// <summary>Size of every dimension; empty for a scalar.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>Row-major little-endian elements.</summary>
    public ReadOnlyMemory<byte> Data { get; }

    /// <summary>Copies <paramref name="values"/> into a new tensor.</summary>
    public static SafeTensor Create<T>(string name, ReadOnlySpan<T> values, params long[] shape) where T : unmanaged =>
        new(name, ElementTypeExtensions.Of<T>(), shape, MemoryMarshal.AsBytes(values).ToArray());

    /// <summary>The same elements under another key, without copying.</summary>
    public SafeTensor Renamed(string name) => new(name, DType, Shape, Data);

    /// <summary>The elements, without copying; <typeparamref name="T"/> must be the tensor's own type.</summary>
    public ReadOnlySpan<T> Values<T>() where T : unmanaged =>
        ElementTypeExtensions.Of<T>() == DType
            ? MemoryMarshal.Cast<byte, T>(Data.Span)
            : throw new ArgumentException($"{Name} holds {DType}, not {typeof(T).Name}.");

    /// <summary>A tensor that another rank wrote; its data is to be filled through the reader.</summary>
    /// <exception cref="WireFormatException">It is not one.</exception>
    public static SafeTensor Read(WireReader reader)
    {
        var (name, dtype) = (reader.ReadText(), (ElementType)reader.ReadByte());
        var shape = new long[reader.ReadCount(sizeof(long))];
        for (var i = 0; i < shape.Length; i++)
        {
            shape[i] = reader.ReadInt64();
        }

        if (NameProblem(name) is not null || !Enum.IsDefined(dtype) || !TryCountBytes(dtype, shape, out var count))
        {
            throw new WireFormatException($"a tensor '{name}' of {dtype} and shape [{string.Join(", ", shape)}]");
        }

        var data = GC.AllocateUninitializedArray<byte>(reader.ClaimSegment(count));
        reader.AddTarget(data);
        return new SafeTensor(name, dtype, shape, data);
    }

    /// <summary>Writes the tensor without copying its data.</summary>
    public void Write(WireWriter writer)
    {
        writer.WriteText(Name);
        writer.WriteByte((byte)DType);
        writer.WriteInt32(Shape.Count);
        foreach (var size in Shape)
        {
            writer.WriteInt64(size);
        }

        writer.WriteSegment(Data);
    }

    internal static string? NameProblem(string name) =>
        name == MetadataName ? $"the name {MetadataName} is kept for the file's own metadata"
        : name.Contains('\0') ? "a name must not hold a zero byte, which ends names in the weights hash"
        : null;

    // False, too, when elements of less than a byte leave a part of their last one: the format refuses such a tensor.
    internal static bool TryCountBytes(ElementType dtype, IReadOnlyList<long> shape, out long count)
    {
        var elements = 1L;
        count = 0;
        foreach (var size in shape)
        {
            // Both factors are below 2^63, so the 128-bit product is exact.
            var product = (Int128)elements * size;
            if (size < 0 || product > long.MaxValue)
            {
                return false;
            }

            elements = (long)product;
        }

        var (bytes, rest) = Int128.DivRem((Int128)elements * dtype.BitCount(), 8);
        if (rest != 0 || bytes > long.MaxValue)
        {
            return false;
        }

        count = (long)bytes;
        return true;
    }
}
