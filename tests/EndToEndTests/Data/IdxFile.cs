using System.Buffers.Binary;

namespace Lcnn.Distributed.EndToEndTests.Data;

/// <summary>Headers of MNIST's IDX files.</summary>
internal static class IdxFile
{
    public const int LabelsHeaderLength = 8;

    public static byte[] Images(int count, int height, int width) => Header(count, height, width);

    public static byte[] Labels(int count) => Header(count);

    private static byte[] Header(params ReadOnlySpan<int> sizes)
    {
        var header = new byte[4 + (4 * sizes.Length)];
        (header[2], header[3]) = (8, (byte)sizes.Length);
        for (var i = 0; i < sizes.Length; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4 + (4 * i)), sizes[i]);
        }

        return header;
    }
}
