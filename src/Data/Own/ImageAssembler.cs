using Lcnn.Distributed.Data.Files;
using Lcnn.Distributed.Data.Images;

namespace Lcnn.Distributed.Data.Own;

/// <summary>Makes a data set out of a source of images: decodes, agrees on one shape, and cuts off a test set where there is none.</summary>
internal static class ImageAssembler
{
    /// <summary>More classes than any labelled set of images has; a label beyond is damage.</summary>
    public const int LargestClasses = 1 << 16;

    private const int Colours = 3;

    /// <summary>Reads all of a source.</summary>
    /// <exception cref="DataFileException">The set, or an image that is not to be left out, cannot be used.</exception>
    public static DataSet Read(OwnSource source, ImageOptions options, CancellationToken cancellationToken)
    {
        var bad = new BadImages(source.Path);
        var decoder = new SampleDecoder(source.Path, options, bad);
        var train = decoder.Decode(source.Train, cancellationToken);
        var test = source.Test is null ? null : decoder.Decode(source.Test, cancellationToken);
        if (!options.SkipBad)
        {
            bad.ThrowIfAny();
        }

        List<DecodedPart> parts = test is null ? [train] : [train, test];
        var names = source.ClassNames();
        var classes = names.Count > 0 ? names.Count : 1 + parts.SelectMany(part => part.Images).Select(image => image.Label).DefaultIfEmpty(-1).Max();
        var assembled = parts.ConvertAll(part => Assemble(part, source.Path, parts, classes, names, options.Normalization));
        return OwnDataSet.Of(source.Path, assembled[0], assembled.ElementAtOrDefault(1), options) with { LeftOut = bad.Describe() };
    }

    private static ImageData Assemble(
        DecodedPart part, string path, List<DecodedPart> parts, int classes, IReadOnlyList<string> names, PixelNormalization? normalization)
    {
        var first = parts.SelectMany(other => other.Images).FirstOrDefault()
            ?? throw new DataFileException(path, "images", "none that can be used", "Name a folder or file with images");
        if (parts.SelectMany(other => other.Images).FirstOrDefault(image => (image.Height, image.Width) != (first.Height, first.Width)) is { } other)
        {
            throw new DataFileException(
                path, "images of one size", $"{first.Name} of {first.Height}x{first.Width} and {other.Name} of {other.Height}x{other.Width}",
                "Say to which height and width they are to be resized, as in --image-size 32x32");
        }

        var channels = parts.SelectMany(other => other.Images).Max(image => image.Channels);
        var (plane, length) = (first.Height * first.Width, (long)channels * first.Height * first.Width);
        if (length * part.Images.Count > Array.MaxLength)
        {
            throw new DataFileException(
                path, $"at most {Array.MaxLength / length} images of {channels}x{first.Height}x{first.Width}", $"{part.Images.Count}", "Make them smaller with --image-size, or use fewer");
        }

        var pixels = new byte[length * part.Images.Count];
        for (var i = 0; i < part.Images.Count; i++)
        {
            var target = pixels.AsSpan((int)(i * length), (int)length);
            for (var channel = 0; channel < channels; channel++)
            {
                var source = part.Images[i].Channels == Colours ? channel : 0;
                part.Images[i].Planes_CHW.AsSpan(source * plane, plane).CopyTo(target[(channel * plane)..]);
            }
        }

        OwnDataSet.CheckNormalization(path, channels, normalization);
        return new ImageData(
            pixels, [.. part.Images.Select(image => image.Label)], channels, first.Height, first.Width, Math.Max(classes, 1), byte.MaxValue, normalization)
        {
            ClassNames = names,
        };
    }
}
