using System.Globalization;
using System.Text;
using Lcnn.Distributed.Data.Files;
using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Data.Randomness;

namespace Lcnn.Distributed.Data.Named;

/// <summary>Reads the embedded digits and splits them into the same 1437 and 360 samples for every run.</summary>
/// <remarks>
/// The file may be grouped by writer, so its rows are shuffled first (Fisher-Yates, from a seed of its own that no run shares);
/// the first 1437 of the shuffled rows are for training. The split is not stratified.
/// </remarks>
internal static class DigitsReader
{
    public const int TrainCount = 1437;
    public const int TestCount = 360;

    private const string ResourceName = "digits.csv.gz";
    private const int Side = 8;
    private const int PixelCount = Side * Side;
    private const int PixelMaximum = 16;
    private const int Classes = 10;
    private const int LargestBytes = 16 << 20;
    private const long SplitSeed = 1998;
    private const long SplitKey = -1; // no epoch of a run with the same seed has this number

    public static DataSet Load()
    {
        var assembly = typeof(DigitsReader).Assembly;
        using var file = new DataFileStream(ResourceName, assembly.GetManifestResourceStream(ResourceName)!);
        var all = Read(file);
        var order = Enumerable.Range(0, all.Count).ToArray();
        var source = RandomSource.For(SplitSeed, RandomPurpose.EpochOrder, SplitKey);
        for (var i = order.Length - 1; i > 0; i--)
        {
            var j = source.NextInt(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }

        return new DataSet("digits", all.Select(order[..TrainCount]), all.Select(order[TrainCount..]));
    }

    public static ImageData Read(DataFileStream file)
    {
        var text = Encoding.ASCII.GetString(file.ReadToEnd(LargestBytes, "text")); // bytes that are not ASCII become '?', no number
        var pixels = new List<byte>();
        var labels = new List<int>();
        var lines = text.TrimEnd('\n', '\r').Split('\n');
        for (var row = 0; row < lines.Length; row++)
        {
            var columns = lines[row].TrimEnd('\r').Split(',');
            if (columns.Length != PixelCount + 1)
            {
                throw file.Damaged($"{PixelCount + 1} columns in line {row + 1}", $"{columns.Length}");
            }

            for (var column = 0; column < PixelCount; column++)
            {
                pixels.Add((byte)Parse(file, columns, row, column, PixelMaximum));
            }

            labels.Add(Parse(file, columns, row, PixelCount, Classes - 1));
        }

        return new ImageData([.. pixels], [.. labels], 1, Side, Side, Classes, PixelMaximum);
    }

    private static int Parse(DataFileStream file, string[] columns, int row, int column, int maximum) =>
        int.TryParse(columns[column], NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value <= maximum
            ? value
            : throw file.Damaged(
                $"a number in 0..{maximum} in line {row + 1}, column {column + 1}", $"\"{Shorten(columns[column])}\"");

    private static string Shorten(string text) => text.Length <= 20 ? text : text[..20] + "...";
}
