using Lcnn.Distributed.Data.Decoding;
using Lcnn.Distributed.Data.Files;
using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Data.Matlab;

namespace Lcnn.Distributed.Data.Own;

/// <summary>The street view house numbers as they are published: train_32x32.mat and test_32x32.mat, each with X (32, 32, 3, N) and y, in which 10 is the digit 0.</summary>
internal static class SvhnSet
{
    /// <summary>Name of the file to train on.</summary>
    public const string TrainFile = "train_32x32.mat";

    private const string TestFile = "test_32x32.mat";
    private const string Images = "X";
    private const string Labels = "y";
    private const int Classes = 10;
    private const string Advice = "Use the files that are published as cropped digits, format 2";

    private static readonly string[] _digits = [.. Enumerable.Range(0, Classes).Select(digit => $"{digit}")];

    /// <summary>Reads the file and, from the same folder, the one to test with.</summary>
    /// <exception cref="DataFileException">A file, or an image that is not to be left out, cannot be used.</exception>
    public static DataSet Read(string path, ISetAssembler assembler)
    {
        var folder = Directory.Exists(path) ? path : Path.GetDirectoryName(path)!;
        var train = Directory.Exists(path) ? Path.Combine(path, TrainFile) : path;
        var test = Path.Combine(folder, TestFile);
        var hasTest = File.Exists(test) && Path.GetFileName(train) != TestFile;
        var source = new OwnSource(path, Samples(train), hasTest ? Samples(test) : null, () => _digits);
        return assembler.OfImages(source);
    }

    private static IEnumerable<OwnSample> Samples(string path)
    {
        var arrays = MatFile.Read(path);
        if (arrays.GetValueOrDefault(Images) is not { ItemType: MatItemType.UInt8 } images || images.Shape.Count != 4 || images.Shape[2] is not (1 or 3)
            || images.Shape[0] is 0 or > 4096 || images.Shape[1] is 0 or > 4096)
        {
            throw new DataFileException(path, "X of shape (height, width, 3, N) and type uint8", Describe(arrays, Images), Advice);
        }

        var layout = new ArrayLayout(
            images.Shape[3], images.Shape[0], images.Shape[1], images.Shape[2],
            (long)images.Shape[0] * images.Shape[1] * images.Shape[2], 1, images.Shape[0], (long)images.Shape[0] * images.Shape[1]);
        if (arrays.GetValueOrDefault(Labels) is not { } labels || labels.Count != layout.Count)
        {
            throw new DataFileException(path, $"y with {layout.Count} labels, one for each image of X", Describe(arrays, Labels), Advice);
        }

        for (var i = 0; i < layout.Count; i++)
        {
            var (sample, label, name) = (i, labels.Number(i), $"{Path.GetFileName(path)}[{i}]");
            yield return label is >= 0 and <= Classes && label == Math.Floor(label)
                ? new OwnSample(name, (int)label % Classes, () => ReadPicture(images, layout, sample))
                : OwnSample.Bad(name, FormattableString.Invariant($"label {label}, expected 1 to {Classes}"));
        }
    }

    private static Picture ReadPicture(MatArray images, ArrayLayout layout, int sample)
    {
        var pixels_HWC = new byte[layout.Height * layout.Width * layout.Channels];
        layout.Visit(sample, (source, target) => pixels_HWC[target] = images.Data[source]);
        return new Picture(pixels_HWC, layout.Height, layout.Width, layout.Channels);
    }

    private static string Describe(IReadOnlyDictionary<string, MatArray> arrays, string name) =>
        arrays.TryGetValue(name, out var array) ? $"shape ({string.Join(", ", array.Shape)}) and type {array.ItemType}"
        : arrays.Count == 0 ? "no arrays" : $"none, but {string.Join(", ", arrays.Keys.Take(20))}";
}
