using Lcnn.Distributed.Data.Decoding;
using Lcnn.Distributed.Data.Files;
using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Data.Numpy;

namespace Lcnn.Distributed.Data.Own;

/// <summary>Images in a NumPy .npz file: x_train, y_train, x_test and y_test, or the first two alone with a split.</summary>
/// <remarks>Images of uint8 are pixels, and are treated as any others; floating-point numbers are what a network is given, and stay as they are.</remarks>
internal static class NpzSet
{
    private const int LargestSide = 1 << 13;

    /// <summary>Reads all of it.</summary>
    /// <exception cref="DataFileException">The file, or an image that is not to be left out, cannot be used.</exception>
    public static DataSet Read(string path, ISetAssembler assembler)
    {
        using var file = new NpzFile(path);
        var train = OpenPart(file, "train");
        var test = file.Has("x_test") ? OpenPart(file, "test") : null;
        if (test is not null && test.Header.IsFloating != train.Header.IsFloating)
        {
            throw file.Problem("x_test", $"{train.Header.Type}, as x_train holds", test.Header.Type, "Convert one of them");
        }

        return train.Header.IsBytes
            ? assembler.OfImages(new OwnSource(path, Samples(file, train), test is null ? null : Samples(file, test), () => []))
            : assembler.OfNumbers(path, train, test);
    }

    private static NumpyPart OpenPart(NpzFile file, string part)
    {
        var (name, header) = ($"x_{part}", file.ReadHeader($"x_{part}"));
        if (!header.IsBytes && !header.IsFloating)
        {
            throw file.Problem(name, "uint8 or floating-point numbers", header.Type, "Convert it, as in x.astype('uint8')");
        }

        var layout = ArrayLayout.Of(header.Shape, header.IsFortranOrder)
            ?? throw file.Problem(
                name, "images of shape (N, H, W), (N, H, W, C) or (N, C, H, W) with 1 or 3 channels", header.ShapeText, "Reshape it, as in x.reshape(-1, 28, 28)");
        if (layout.Height is 0 or > LargestSide || layout.Width is 0 or > LargestSide)
        {
            throw file.Problem(name, $"images of 1 to {LargestSide} pixels a side", $"{layout.Height}x{layout.Width}", "Make them smaller");
        }

        if (header.Shape[0] > int.MaxValue)
        {
            throw file.Problem(name, $"at most {int.MaxValue} images", $"{header.Shape[0]}", "Use fewer");
        }

        var labels = file.Read($"y_{part}");
        if (labels.Count != layout.Count || labels.Header.Shape.Count is 0 or > 2)
        {
            throw file.Problem(
                labels.Name, $"{layout.Count} labels of shape ({layout.Count},), one for each image of {name}", labels.Header.ShapeText, "Give one whole number for each image");
        }

        return labels.Count == 0 || labels.Number(0) is not null
            ? new NumpyPart(name, header, labels, layout, new Lazy<NpyArray>(() => file.Read(name)))
            : throw file.Problem(labels.Name, "whole numbers", $"elements of type {labels.Header.Type}", "Number the classes from 0");
    }

    // Image by image where they lie one behind the other; NumPy writes them so unless it is told otherwise.
    private static IEnumerable<OwnSample> Samples(NpzFile file, NumpyPart part)
    {
        var imageBytes = part.Layout.Height * part.Layout.Width * part.Layout.Channels;
        return part.Header.IsFortranOrder
            ? Enumerable.Range(0, part.Layout.Count).Select(sample => SampleOf(part, sample, part.Images.Data, part.Layout, 0))
            : file.ReadParts(part.Name, imageBytes).Select((bytes, sample) => SampleOf(part, sample, bytes, part.Layout with { SampleStride = 0 }, imageBytes));
    }

    private static OwnSample SampleOf(NumpyPart part, int sample, byte[] data, ArrayLayout layout, int keptBytes) => part.LabelProblem(sample) is { } problem
        ? OwnSample.Bad(part.NameOf(sample), problem)
        : new OwnSample(part.NameOf(sample), part.Label(sample), () => ReadPicture(data, layout, sample), keptBytes);

    private static Picture ReadPicture(byte[] data, ArrayLayout layout, int sample)
    {
        var pixels_HWC = new byte[layout.Height * layout.Width * layout.Channels];
        layout.Visit(sample, (source, target) => pixels_HWC[target] = data[source]);
        return new Picture(pixels_HWC, layout.Height, layout.Width, layout.Channels);
    }
}
