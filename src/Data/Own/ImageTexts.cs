using System.Globalization;

#if CONTRACTS
namespace Lcnn.Distributed.Contracts.Runs;
#else
namespace Lcnn.Distributed.Data.Own;
#endif

/// <summary>How sizes and normalisations of images are written in specs, on the command line and in sweep files. Compiled into Contracts too, whose users need no readers.</summary>
#if CONTRACTS
public
#else
internal
#endif
static class ImageTexts
{
    /// <summary>The largest side of an image.</summary>
    public const int LargestSide = 4096;

    /// <summary>What stands for no normalisation.</summary>
    public const string None = "none";

    private const double LargestNumber = 1e6;

    /// <summary>Height and width out of a text such as 32x48; null for any other.</summary>
    public static (int Height, int Width)? ParseSize(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var sides = text.Split('x').Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var side) ? side : 0).ToArray();
        return sides is [>= 1 and <= LargestSide, >= 1 and <= LargestSide] ? (sides[0], sides[1]) : null;
    }

    /// <summary>Means and deviations out of a text such as 0.5/0.25 or 0.49,0.48,0.45/0.2,0.2,0.2; null for any other.</summary>
    public static (IReadOnlyList<double> Means, IReadOnlyList<double> Deviations)? ParseNormalization(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parts = text.Split('/').Select(part => part.Split(',').Select(ParseNumber).ToArray()).ToArray();
        return parts is [{ Length: 1 or 3 } means, var deviations] && deviations.Length == means.Length
            && means.All(double.IsFinite) && deviations.All(deviation => deviation is > 1e-6 and <= LargestNumber)
            ? (means, deviations)
            : null;
    }

    private static double ParseNumber(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && Math.Abs(number) <= LargestNumber ? number : double.NaN;
}
