using Lcnn.Distributed.Data.Images;

namespace Lcnn.Distributed.Data.Summaries;

/// <summary>Single images as PNG files, a pixel each for a pixel.</summary>
public static class ImagePng
{
    /// <summary>A sample of a data set as a network is given it, stretched from its least to its largest value.</summary>
    public static byte[] OfSample(ILabelledImages images, int place)
    {
        ArgumentNullException.ThrowIfNull(images);
        var values_CHW = new float[images.ImageLength];
        images.Gather([place], values_CHW);
        var (low, high) = (values_CHW.Min(), values_CHW.Max());
        var plane = images.Height * images.Width;
        byte At(int pixel, int channel) => Shade((values_CHW[(Math.Min(channel, images.Channels - 1) * plane) + pixel] - low) / (high - low));
        return Draw(images.Height, images.Width, images.Channels >= 3 ? pixel => (At(pixel, 0), At(pixel, 1), At(pixel, 2)) : pixel => Grey(At(pixel, 0)));
    }

    /// <summary>Sizes from black, nothing, to white, the largest of them.</summary>
    /// <param name="sizes_HW">Row by row.</param>
    public static byte[] OfSizes(IReadOnlyList<double> sizes_HW, int height, int width)
    {
        ArgumentNullException.ThrowIfNull(sizes_HW);
        var most = sizes_HW.Where(double.IsFinite).DefaultIfEmpty(0).Max();
        return Draw(height, width, pixel => Grey(Shade(sizes_HW[pixel] / most)));
    }

    /// <summary>Any picture.</summary>
    /// <param name="colour">Red, green and blue of a pixel, counted row by row.</param>
    public static byte[] Draw(int height, int width, Func<int, (byte Red, byte Green, byte Blue)> colour)
    {
        ArgumentNullException.ThrowIfNull(colour);
        var canvas = new SheetCanvas(width, height);
        for (var pixel = 0; pixel < height * width; pixel++)
        {
            var (red, green, blue) = colour(pixel);
            canvas.Set(pixel % width, pixel / width, red, green, blue);
        }

        return canvas.ToPng();
    }

    private static (byte, byte, byte) Grey(byte shade) => (shade, shade, shade);

    private static byte Shade(double share) => double.IsFinite(share) ? (byte)Math.Round(255 * Math.Clamp(share, 0, 1)) : (byte)0;
}
