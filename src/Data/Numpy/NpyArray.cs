using System.Buffers.Binary;

namespace Lcnn.Distributed.Data.Numpy;

/// <summary>An array of numbers out of an .npz file.</summary>
/// <param name="Name">Its key.</param>
/// <param name="Header">Type and shape.</param>
/// <param name="Data">The elements.</param>
internal sealed record NpyArray(string Name, NpyHeader Header, byte[] Data)
{
    /// <summary>Elements.</summary>
    public int Count => Header.ItemBytes == 0 ? 0 : Data.Length / Header.ItemBytes;

    /// <summary>Whether elements are bytes.</summary>
    public bool IsBytes => Header.IsBytes;

    /// <summary>Whether elements are floating-point numbers that can be read.</summary>
    public bool IsFloating => Header.IsFloating;

    /// <summary>An element of any kind as a number; null for a kind that holds none.</summary>
    public double? Number(long index)
    {
        Span<byte> item = stackalloc byte[Header.ItemBytes];
        Data.AsSpan((int)(index * Header.ItemBytes), Header.ItemBytes).CopyTo(item);
        if (Header.IsBigEndian)
        {
            item.Reverse();
        }

        return (Header.Kind, Header.ItemBytes) switch
        {
            ('u' or 'b', 1) => item[0],
            ('i', 1) => (sbyte)item[0],
            ('u', 2) => BinaryPrimitives.ReadUInt16LittleEndian(item),
            ('i', 2) => BinaryPrimitives.ReadInt16LittleEndian(item),
            ('u', 4) => BinaryPrimitives.ReadUInt32LittleEndian(item),
            ('i', 4) => BinaryPrimitives.ReadInt32LittleEndian(item),
            ('u', 8) => BinaryPrimitives.ReadUInt64LittleEndian(item),
            ('i', 8) => BinaryPrimitives.ReadInt64LittleEndian(item),
            ('f', 2) => (double)BinaryPrimitives.ReadHalfLittleEndian(item),
            ('f', 4) => BinaryPrimitives.ReadSingleLittleEndian(item),
            ('f', 8) => BinaryPrimitives.ReadDoubleLittleEndian(item),
            _ => null,
        };
    }
}
