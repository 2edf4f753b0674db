using Lcnn.Distributed.Data.Files;
using Lcnn.Distributed.Data.Images;

namespace Lcnn.Distributed.Data.Own;

/// <summary>Makes a data set in memory out of a source of images: decodes, agrees on one shape, and cuts off a test set where there is none.</summary>
internal static class ImageAssembler
{
    /// <summary>More classes than any labelled set of images has; a label beyond is damage.</summary>
    public const int LargestClasses = 1 << 16;

    /// <summary>Reads all of a source.</summary>
    /// <param name="source">What to read.</param>
    /// <param name="options">How.</param>
    /// <param name="decoded">Told how many images were, now and then.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="DataFileException">The set, or an image that is not to be left out, cannot be used.</exception>
    public static DataSet Read(OwnSource source, ImageOptions options, IProgress<int>? decoded, CancellationToken cancellationToken)
    {
        var (bad, shape, bytes) = (new BadImages(source.Path), new AgreedShape(source.Path), 0L);
        var decoder = new SampleDecoder(options, bad, decoded);
        var train = Decode(source.Train);
        var test = source.Test is null ? null : Decode(source.Test);
        if (!options.SkipBad)
        {
            bad.ThrowIfAny();
        }

        shape.ThrowUnlessOne();
        OwnDataSet.CheckNormalization(source.Path, shape.Channels, options.Normalization);
        var names = source.ClassNames();
        var classes = Math.Max(1, names.Count > 0 ? names.Count : shape.LabelCount);
        return OwnDataSet.Of(source.Path, Assemble(train), test is null ? null : Assemble(test), options) with { LeftOut = bad.Describe() };

        List<DecodedImage> Decode(IEnumerable<OwnSample> samples)
        {
            var images = new List<DecodedImage>();
            decoder.Decode(samples, image => Keep(images, image), cancellationToken);
            return images;
        }

        void Keep(List<DecodedImage> images, DecodedImage image)
        {
            shape.Add(image);
            images.Add(image);
            bytes += image.Planes_CHW.Length;
            if (bytes > Array.MaxLength)
            {
                throw new DataFileException(
                    source.Path, $"at most {Array.MaxLength} bytes of decoded images in memory", "more",
                    "Pack the set first ('lcnn data pack'), which keeps it on disk, or make its images smaller with --image-size");
            }
        }

        ImageData Assemble(List<DecodedImage> images)
        {
            if (shape.Length * images.Count > Array.MaxLength)
            {
                throw new DataFileException(
                    source.Path, $"at most {Array.MaxLength / shape.Length} images of {shape.Channels}x{shape.Height}x{shape.Width} in memory", $"{images.Count}",
                    "Pack the set first ('lcnn data pack'), which keeps it on disk, or make its images smaller with --image-size");
            }

            var pixels = new byte[shape.Length * images.Count];
            for (var i = 0; i < images.Count; i++)
            {
                images[i].CopyTo(pixels.AsSpan((int)(i * shape.Length), (int)shape.Length), shape.Channels);
            }

            return new ImageData(
                pixels, [.. images.Select(image => image.Label)], shape.Channels, shape.Height, shape.Width, classes, byte.MaxValue, options.Normalization)
            {
                ClassNames = names,
            };
        }
    }
}
