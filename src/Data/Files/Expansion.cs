namespace Lcnn.Distributed.Data.Files;

/// <summary>Tells a decompression bomb: no images are packed so well, and what is small is no danger.</summary>
internal static class Expansion
{
    /// <summary>The most that bytes may grow when they are unpacked, beyond what is small.</summary>
    public const int LargestRatio = 200;

    private const long SmallBytes = 256L << 20;

    /// <summary>Whether so many bytes out of so few are not to be believed.</summary>
    public static bool IsBomb(long packed, long unpacked) => unpacked > SmallBytes && unpacked / LargestRatio > packed;
}
