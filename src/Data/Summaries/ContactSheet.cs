using Lcnn.Distributed.Data.Decoding;
using Lcnn.Distributed.Data.Files;
using Lcnn.Distributed.Data.Images;

namespace Lcnn.Distributed.Data.Summaries;

/// <summary>Draws the first training images of every class, a row for each class behind its name, as a PNG: the same bytes for the same set.</summary>
public static class ContactSheet
{
    private const int SmallestSide = 48;
    private const int LargestSide = 128;
    private const int Gap = 4;
    private const int LongestName = 24;
    private const byte Ink = 40;

    /// <summary>Rows that are drawn; further classes are left out.</summary>
    public const int LargestRows = 100;

    /// <summary>Images that a row has at most.</summary>
    public const int LargestColumns = 32;

    /// <summary>Draws a set.</summary>
    /// <param name="data">What to draw.</param>
    /// <param name="perClass">Images of each class.</param>
    /// <returns>A PNG file.</returns>
    /// <exception cref="DataFileException">A packed set was damaged.</exception>
    public static byte[] Draw(DataSet data, int perClass)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(perClass);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(perClass, LargestColumns);
        var images = (LabelledImages)data.Train;
        var rows = Math.Min(images.Classes, LargestRows);
        var names = Enumerable.Range(0, rows).Select(label => Shorten(label < images.ClassNames.Count ? images.ClassNames[label] : $"{label}")).ToArray();
        var first = FirstOfClasses(images, rows, perClass);
        var (height, width) = CellOf(images);
        var left = Gap + names.Max(SheetFont.WidthOf) + Gap;
        var rowHeight = Math.Max(height, SheetFont.Height) + Gap;
        var canvas = new SheetCanvas(left + (perClass * (width + Gap)), Gap + (rows * rowHeight));
        for (var row = 0; row < rows; row++)
        {
            var top = Gap + (row * rowHeight);
            SheetFont.Write(names[row], (x, y) => canvas.Set(Gap + x, top + ((rowHeight - Gap - SheetFont.Height) / 2) + y, Ink, Ink, Ink));
            foreach (var (column, sample) in first[row].Index())
            {
                Place(canvas, PictureOf(images, sample, height, width), left + (column * (width + Gap)), top);
            }
        }

        return canvas.ToPng();
    }

    private static List<int>[] FirstOfClasses(LabelledImages images, int rows, int perClass)
    {
        var first = Enumerable.Range(0, rows).Select(_ => new List<int>()).ToArray();
        for (var i = 0; i < images.Count; i++)
        {
            if (images.Labels[i] < rows && first[images.Labels[i]].Count < perClass)
            {
                first[images.Labels[i]].Add(i);
            }
        }

        return first;
    }

    // Small images grow by whole pixels, large ones shrink.
    private static (int Height, int Width) CellOf(LabelledImages images)
    {
        var longest = Math.Max(images.Height, images.Width);
        if (longest > LargestSide)
        {
            return (Math.Max(1, images.Height * LargestSide / longest), Math.Max(1, images.Width * LargestSide / longest));
        }

        var factor = Math.Max(1, (SmallestSide + longest - 1) / longest);
        return (images.Height * factor, images.Width * factor);
    }

    private static Picture PictureOf(LabelledImages images, int sample, int height, int width)
    {
        var (stored, values) = (new byte[images.StoredBytes], new float[images.ImageLength]);
        images.CopyStoredImage(sample, stored);
        images.PlainElements.Convert(stored, values);
        var (low, high) = (Math.Min(0, values.Min()), Math.Max(1, values.Max())); // numbers that are no shares of white are stretched
        var (plane, channels) = (images.Height * images.Width, images.Channels >= 3 ? 3 : 1);
        var pixels_HWC = new byte[plane * channels];
        for (var k = 0; k < plane * channels; k++)
        {
            var value = (values[(k % channels * plane) + (k / channels)] - low) / (high - low);
            pixels_HWC[k] = float.IsFinite(value) ? (byte)Math.Round(255 * Math.Clamp(value, 0, 1)) : (byte)0;
        }

        var picture = new Picture(pixels_HWC, images.Height, images.Width, channels);
        return height < images.Height ? ImageResizer.Cover(picture, height, width) : Enlarge(picture, height / images.Height);
    }

    private static Picture Enlarge(Picture picture, int factor)
    {
        var (height, width, channels) = (picture.Height * factor, picture.Width * factor, picture.Channels);
        var pixels_HWC = new byte[height * width * channels];
        for (var k = 0; k < pixels_HWC.Length; k++)
        {
            var (y, x, channel) = (k / channels / width / factor, k / channels % width / factor, k % channels);
            pixels_HWC[k] = picture.Pixels_HWC[(((y * picture.Width) + x) * channels) + channel];
        }

        return new Picture(pixels_HWC, height, width, channels);
    }

    private static void Place(SheetCanvas canvas, Picture picture, int left, int top)
    {
        for (var k = 0; k < picture.Height * picture.Width; k++)
        {
            var pixel = picture.Pixels_HWC.AsSpan(k * picture.Channels, picture.Channels);
            canvas.Set(left + (k % picture.Width), top + (k / picture.Width), pixel[0], pixel[picture.Channels > 1 ? 1 : 0], pixel[^1]);
        }
    }

    private static string Shorten(string name) => name.Length <= LongestName ? name : name[..(LongestName - 2)] + "..";
}
