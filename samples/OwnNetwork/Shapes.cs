using Lcnn.Distributed.Data.Images;

namespace OwnNetwork;

/// <summary>A data set made in code: circles, squares and crosses of any size and place, in noise.</summary>
internal static class Shapes
{
    private const int Side = 12;
    private static readonly string[] _names = ["circle", "square", "cross"];

    /// <summary>The same images each time and on every silo, or runs on several would be refused.</summary>
    public static DataSet Draw() => new("shapes", Draw(1200, seed: 1), Draw(150, seed: 2));

    private static ImageData Draw(int count, int seed)
    {
        var draws = new Random(seed);
        var labels = Enumerable.Range(0, count).Select(index => index % _names.Length).ToArray();
        var pixels = labels.SelectMany(label => Draw(label, draws)).ToArray();
        return new ImageData(pixels, labels, channels: 1, Side, Side, _names.Length, pixelMaximum: 255) { ClassNames = _names };
    }

    private static byte[] Draw(int label, Random draws)
    {
        var (radius, x, y) = (draws.Next(3, 5), draws.Next(4, 8), draws.Next(4, 8));
        return [.. Enumerable.Range(0, Side * Side).Select(place =>
        {
            var (across, down) = (Math.Abs((place % Side) - x), Math.Abs((place / Side) - y));
            var isInside = label switch
            {
                0 => (across * across) + (down * down) <= radius * radius,
                1 => Math.Max(across, down) <= radius,
                _ => Math.Min(across, down) == 0 && Math.Max(across, down) <= radius,
            };
            return (byte)(draws.Next(60) + (isInside ? 150 : 0));
        })];
    }
}
