using System.Text.Json;
using SkiaSharp;

namespace Lcnn.Distributed.EndToEndTests.Data;

/// <summary>Images of patterns, and what a network said of them.</summary>
internal static class DrawnImages
{
    /// <summary>An image with a pattern that its label says, encoded.</summary>
    public static byte[] Draw(int number, int label, SKEncodedImageFormat format)
    {
        var random = new Random(number);
        var (width, height, wave, phase) = (random.Next(24, 64), random.Next(24, 64), random.Next(5, 9), random.Next(8));
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var (across, down) = ((x + phase) / wave % 2 == 0, (y + phase) / wave % 2 == 0);
                var isBright = label switch { 0 => down, 1 => across, 2 => (x + y + phase) / wave % 2 == 0, _ => across ^ down };
                var value = (isBright ? 170 : 60) + random.Next(-20, 20);
                bitmap.SetPixel(x, y, new SKColor((byte)value, (byte)(value * 3 / 4), (byte)(255 - value)));
            }
        }

        using var data = bitmap.Encode(format, 90);
        return data.ToArray();
    }

    /// <summary>Writes a file, and the folders that it is in.</summary>
    public static void Write(string path, byte[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
    }

    /// <summary>Share of predictions whose class is the image's folder, 0..1.</summary>
    public static double ShareRight(IReadOnlyList<JsonElement> predictions) => predictions.Count(said =>
        said.GetProperty("class").GetString() == Path.GetFileName(Path.GetDirectoryName(said.GetProperty("image").GetString()))) / (double)predictions.Count;
}
