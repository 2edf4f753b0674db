using System.Security.Cryptography;

namespace Lcnn.Distributed.Data.Packed;

/// <summary>Reads the data of a packed set once, in order, for all digests over it.</summary>
/// <param name="file">Its data begins behind the prefix.</param>
/// <param name="dataBytes">Of all images.</param>
/// <param name="imageBytes">Of one.</param>
/// <param name="hashOf">What takes the image at a position.</param>
internal sealed class DigestPass(Stream file, long dataBytes, long imageBytes, Func<int, IncrementalHash> hashOf)
{
    /// <summary>Feeds all images to their hashes.</summary>
    /// <returns>The digests of all blocks.</returns>
    public byte[] Run(CancellationToken cancellationToken)
    {
        var blocks = new PackedLayout(dataBytes, 0, []).BlockCount;
        var digests = new byte[blocks * SHA256.HashSizeInBytes];
        var buffer = new byte[PackedLayout.BlockBytes];
        file.Position = PackedLayout.PrefixBytes;
        for (var block = 0; block < blocks; block++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var start = block * (long)PackedLayout.BlockBytes;
            var bytes = buffer.AsSpan(0, (int)Math.Min(buffer.Length, dataBytes - start));
            file.ReadExactly(bytes);
            SHA256.HashData(bytes, digests.AsSpan(block * SHA256.HashSizeInBytes));
            Split(start, bytes);
        }

        return digests;
    }

    private void Split(long start, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var (position, inside) = Math.DivRem(start, imageBytes);
            var length = (int)Math.Min(bytes.Length, imageBytes - inside);
            hashOf((int)position).AppendData(bytes[..length]);
            bytes = bytes[length..];
            start += length;
        }
    }
}
