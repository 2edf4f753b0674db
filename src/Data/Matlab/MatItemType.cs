using System.Buffers.Binary;

namespace Lcnn.Distributed.Data.Matlab;

/// <summary>How elements are stored, by the numbers of MATLAB's Level 5 format.</summary>
internal enum MatItemType
{
    Int8 = 1,
    UInt8 = 2,
    Int16 = 3,
    UInt16 = 4,
    Int32 = 5,
    UInt32 = 6,
    Single = 7,
    Double = 9,
    Int64 = 12,
    UInt64 = 13,
    Matrix = 14,
    Compressed = 15,
}

/// <summary>Sizes and values of <see cref="MatItemType"/>.</summary>
internal static class MatItemTypeExtensions
{
    /// <summary>Bytes of an element; 1 for what holds no numbers.</summary>
    public static int ByteCount(this MatItemType type) => type switch
    {
        MatItemType.Int16 or MatItemType.UInt16 => 2,
        MatItemType.Int32 or MatItemType.UInt32 or MatItemType.Single => 4,
        MatItemType.Double or MatItemType.Int64 or MatItemType.UInt64 => 8,
        _ => 1,
    };

    /// <summary>An element as a number.</summary>
    public static double Number(this MatArray array, int index)
    {
        var item = array.Data.AsSpan(index * array.ItemType.ByteCount());
        return array.ItemType switch
        {
            MatItemType.Int8 => (sbyte)item[0],
            MatItemType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(item),
            MatItemType.UInt16 => BinaryPrimitives.ReadUInt16LittleEndian(item),
            MatItemType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(item),
            MatItemType.UInt32 => BinaryPrimitives.ReadUInt32LittleEndian(item),
            MatItemType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(item),
            MatItemType.UInt64 => BinaryPrimitives.ReadUInt64LittleEndian(item),
            MatItemType.Single => BinaryPrimitives.ReadSingleLittleEndian(item),
            MatItemType.Double => BinaryPrimitives.ReadDoubleLittleEndian(item),
            _ => item[0],
        };
    }
}
