using SkiaSharp;

namespace Lcnn.Distributed.Data.Decoding;

/// <summary>Decodes PNG, JPEG and BMP to 8 bits a channel, the same on every machine.</summary>
/// <remarks>
/// Skia's codecs do the decoding alone (libjpeg-turbo's accurate transform and libpng, whose vector code has the bits of the plain one), pinned by version.
/// No colour profile is applied, transparency is dropped and the orientation that a camera notes is passed over, as in torchvision's ImageFolder.
/// JPEGs in CMYK become RGB. What is handed to Skia was recognised by its first bytes, so that none of its other codecs is ever reached.
/// </remarks>
internal static class ImageDecoder
{
    /// <summary>Larger pictures are refused: a few bytes may claim any size.</summary>
    public const int LargestPixels = 1 << 26;

    /// <summary>Larger files are refused.</summary>
    public const int LargestBytes = 1 << 28;

    private const int LargestAtOnce = 1 << 24;
    private const int ShownBytes = 8;

    private static readonly Lock _largePicture = new();

    /// <summary>A picture of one channel where the file is grey, else of three.</summary>
    /// <exception cref="BadImageException">It is no image, or a damaged or too large one.</exception>
    public static Picture Decode(ReadOnlyMemory<byte> file)
    {
        CheckKind(file.Span);
        using var data = SKData.CreateCopy(file.Span);
        using var codec = SKCodec.Create(data) ?? throw new BadImageException("a damaged header");
        var (width, height) = (codec.Info.Width, codec.Info.Height);
        if (width < 1 || height < 1)
        {
            throw new BadImageException($"{width}x{height} pixels");
        }

        if ((long)width * height > LargestPixels)
        {
            throw new BadImageException($"{width}x{height} pixels, more than the {LargestPixels} that are taken");
        }

        var isGrey = codec.Info.ColorType == SKColorType.Gray8 || IsGreyPng(file.Span);
        if (width * height <= LargestAtOnce)
        {
            return Decode(codec, width, height, isGrey);
        }

        // However many threads decode, few of them hold a picture of hundreds of megabytes.
        lock (_largePicture)
        {
            return Decode(codec, width, height, isGrey);
        }
    }

    private static unsafe Picture Decode(SKCodec codec, int width, int height, bool isGrey)
    {
        var pixels_HW4 = new byte[4 * width * height];
        SKCodecResult result;
        fixed (byte* target = pixels_HW4)
        {
            result = codec.GetPixels(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul), (nint)target);
        }

        return result switch
        {
            SKCodecResult.Success => new Picture(WithoutAlpha(pixels_HW4, isGrey ? 1 : 3), height, width, isGrey ? 1 : 3),
            SKCodecResult.IncompleteInput => throw new BadImageException("cut short: its pixels end too early"),
            _ => throw new BadImageException($"damaged ({result})"),
        };
    }

    // In place: what is written lies behind what is read.
    private static byte[] WithoutAlpha(byte[] pixels_HW4, int channels)
    {
        var count = pixels_HW4.Length / 4;
        for (var i = 0; i < count; i++)
        {
            for (var channel = 0; channel < channels; channel++)
            {
                pixels_HW4[(i * channels) + channel] = pixels_HW4[(i * 4) + channel];
            }
        }

        return pixels_HW4;
    }

    private static void CheckKind(ReadOnlySpan<byte> file)
    {
        if (file.Length == 0)
        {
            throw new BadImageException("an empty file");
        }

        if (file.Length > LargestBytes)
        {
            throw new BadImageException($"{file.Length} bytes, more than the {LargestBytes} that are taken");
        }

        if (!IsPng(file) && file is not [0xFF, 0xD8, 0xFF, ..] and not [(byte)'B', (byte)'M', ..])
        {
            throw new BadImageException($"no PNG, JPEG or BMP (its first bytes are {string.Join(' ', file[..Math.Min(file.Length, ShownBytes)].ToArray().Select(value => value.ToString("x2", null)))})");
        }
    }

    private static bool IsPng(ReadOnlySpan<byte> file) => file is [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, ..];

    // Byte 25 is the colour type: 0 grey, 4 grey with transparency.
    private static bool IsGreyPng(ReadOnlySpan<byte> file) => IsPng(file) && file.Length > 25 && file[25] is 0 or 4;
}
