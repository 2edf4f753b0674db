using SkiaSharp;

namespace Lcnn.Distributed.Data.Summaries;

/// <summary>White paper of so many pixels.</summary>
internal sealed class SheetCanvas
{
    private const int Colours = 4; // the last is how little shines through

    private readonly int _width;
    private readonly int _height;
    private readonly byte[] _pixels;

    public SheetCanvas(int width, int height)
    {
        (_width, _height) = (width, height);
        _pixels = new byte[checked(width * height * Colours)];
        _pixels.AsSpan().Fill(byte.MaxValue);
    }

    /// <summary>Colours a pixel.</summary>
    public void Set(int x, int y, byte red, byte green, byte blue)
    {
        var pixel = _pixels.AsSpan(((y * _width) + x) * Colours, Colours - 1);
        (pixel[0], pixel[1], pixel[2]) = (red, green, blue);
    }

    /// <summary>As a PNG file.</summary>
    public byte[] ToPng()
    {
        using var image = SKImage.FromPixelCopy(new SKImageInfo(_width, _height, SKColorType.Rgba8888, SKAlphaType.Opaque), _pixels);
        using var encoded = image.Encode(SKEncodedImageFormat.Png, 100);
        return encoded.ToArray();
    }
}
