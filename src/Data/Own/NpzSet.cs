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
        var train = ReadPart(file, "train");
        var test = file.Has("x_test") ? ReadPart(file, "test") : null;
        if (test is not null && test.Images.IsFloating != train.Images.IsFloating)
        {
            throw file.Problem("x_test", $"{train.Images.Header.Type}, as x_train holds", test.Images.Header.Type, "Convert one of them");
        }

        return train.Images.IsBytes
            ? assembler.OfImages(new OwnSource(path, Samples(train), test is null ? null : Samples(test), () => []))
            : assembler.OfNumbers(path, train, test);
    }

    private static NumpyPart ReadPart(NpzFile file, string part)
    {
        var (images, labels) = (file.Read($"x_{part}"), file.Read($"y_{part}"));
        if (!images.IsBytes && !images.IsFloating)
        {
            throw file.Problem(images.Name, "uint8 or floating-point numbers", images.Header.Type, "Convert it, as in x.astype('uint8')");
        }

        var layout = ArrayLayout.Of(images.Header.Shape, images.Header.IsFortranOrder)
            ?? throw file.Problem(
                images.Name, "images of shape (N, H, W), (N, H, W, C) or (N, C, H, W) with 1 or 3 channels", images.Header.ShapeText, "Reshape it, as in x.reshape(-1, 28, 28)");
        if (layout.Height is 0 or > LargestSide || layout.Width is 0 or > LargestSide)
        {
            throw file.Problem(images.Name, $"images of 1 to {LargestSide} pixels a side", $"{layout.Height}x{layout.Width}", "Make them smaller");
        }

        if (labels.Count != layout.Count || labels.Header.Shape.Count is 0 or > 2)
        {
            throw file.Problem(
                labels.Name, $"{layout.Count} labels of shape ({layout.Count},), one for each image of {images.Name}", labels.Header.ShapeText, "Give one whole number for each image");
        }

        return labels.Count == 0 || labels.Number(0) is not null
            ? new NumpyPart(images, labels, layout)
            : throw file.Problem(labels.Name, "whole numbers", $"elements of type {labels.Header.Type}", "Number the classes from 0");
    }

    private static IEnumerable<OwnSample> Samples(NumpyPart part)
    {
        for (var i = 0; i < part.Layout.Count; i++)
        {
            var sample = i;
            yield return part.LabelProblem(sample) is { } problem
                ? OwnSample.Bad(part.NameOf(sample), problem)
                : new OwnSample(part.NameOf(sample), part.Label(sample), () => ReadPicture(part, sample));
        }
    }

    private static Picture ReadPicture(NumpyPart part, int sample)
    {
        var pixels_HWC = new byte[part.Layout.Height * part.Layout.Width * part.Layout.Channels];
        part.Layout.Visit(sample, (source, target) => pixels_HWC[target] = part.Images.Data[source]);
        return new Picture(pixels_HWC, part.Layout.Height, part.Layout.Width, part.Layout.Channels);
    }
}
