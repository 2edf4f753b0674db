using Lcnn.Distributed.Data.Files;
using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Data.Packed;

namespace Lcnn.Distributed.Data.Own;

/// <summary>Makes packed sets: images go to the file as they are decoded, and never are all in memory.</summary>
/// <remarks>Samples are stored in the source's order; which of them are to test with is known, and noted, at the end.</remarks>
internal sealed class PackAssembler(ImageOptions options, string target, IProgress<int>? decoded, CancellationToken cancellationToken) : ISetAssembler
{
    private const int Colours = 3;

    /// <inheritdoc/>
    public DataSet OfImages(OwnSource source)
    {
        using var writer = new PackedWriter(target);
        var (bad, shape) = (new BadImages(source.Path), new AgreedShape(source.Path));
        var decoder = new SampleDecoder(options, bad, decoded);
        decoder.Decode(source.Train, Store, cancellationToken);
        var trainCount = writer.Labels.Count;
        if (source.Test is not null)
        {
            decoder.Decode(source.Test, Store, cancellationToken);
        }

        if (!options.SkipBad)
        {
            bad.ThrowIfAny();
        }

        shape.ThrowUnlessOne();
        OwnDataSet.CheckNormalization(source.Path, shape.Channels, options.Normalization);
        var names = source.ClassNames();
        var classes = names.Count > 0 ? names.Count : shape.LabelCount;
        OwnDataSet.CheckParts(source.Path, classes, source.Test is null ? null : writer.Labels.Count - trainCount, options);
        bool[] isTest = source.Test is null
            ? TestSplit.Draw(writer.Labels, options.Split, options.SplitSeed)
            : [.. Enumerable.Range(0, writer.Labels.Count).Select(i => i >= trainCount)];
        OwnDataSet.CheckCounts(source.Path, isTest.Count(test => !test), isTest.Count(test => test));
        writer.Complete(
            new PackedDescription
            {
                Channels = shape.Channels,
                Height = shape.Height,
                Width = shape.Width,
                Element = PackedDescription.Bytes,
                PixelMaximum = byte.MaxValue,
                Classes = classes,
                ClassNames = names,
                Means = options.Normalization?.Means,
                Deviations = options.Normalization?.Deviations,
                IsResized = options.Size is not null,
                Split = options.Split,
                SplitSeed = options.SplitSeed,
                LeftOut = bad.Describe(),
            },
            isTest, cancellationToken);
        return PackedSet.Read(Path.GetFullPath(target), options) with { LeftOut = bad.Describe() };

        // What cannot become a set is looked at to its end, for all that is wrong with it, but not stored.
        void Store(DecodedImage image)
        {
            var wasGrey = shape.Channels == 1;
            shape.Add(image);
            if (!shape.Agrees || (bad.Count > 0 && !options.SkipBad))
            {
                return;
            }

            if (wasGrey && shape.Channels == Colours)
            {
                writer.Widen(shape.Height * shape.Width);
            }

            var stored = image.Channels == shape.Channels ? image.Planes_CHW : new byte[shape.Length];
            if (stored != image.Planes_CHW)
            {
                image.CopyTo(stored, shape.Channels);
            }

            writer.Add(stored, image.Label);
        }
    }

    /// <inheritdoc/>
    public DataSet OfNumbers(string path, NumpyPart train, NumpyPart? test) =>
        Pack(FloatAssembler.Read(path, train, test, options), options, target, cancellationToken);

    /// <summary>Packs a set that is in memory.</summary>
    /// <exception cref="DataFileException">The file cannot be written.</exception>
    public static DataSet Pack(DataSet data, ImageOptions options, string target, CancellationToken cancellationToken)
    {
        using var writer = new PackedWriter(target);
        var (train, test) = ((LabelledImages)data.Train, (LabelledImages)data.Test);
        var stored = new byte[train.StoredBytes];
        foreach (var part in new[] { train, test })
        {
            for (var i = 0; i < part.Count; i++)
            {
                part.CopyStoredImage(i, stored);
                writer.Add(stored, part.Labels[i]);
            }
        }

        writer.Complete(
            new PackedDescription
            {
                Channels = train.Channels,
                Height = train.Height,
                Width = train.Width,
                Element = train is ImageData ? PackedDescription.Bytes : PackedDescription.Floats,
                PixelMaximum = (train as ImageData)?.PixelMaximum,
                Classes = train.Classes,
                ClassNames = train.ClassNames,
                Means = train.Normalization?.Means,
                Deviations = train.Normalization?.Deviations,
                Split = options.Split,
                SplitSeed = options.SplitSeed,
                IsAugmented = data.IsAugmented,
                LeftOut = data.LeftOut,
            },
            [.. Enumerable.Range(0, train.Count + test.Count).Select(i => i >= train.Count)], cancellationToken);
        return PackedSet.Read(Path.GetFullPath(target), options) with { LeftOut = data.LeftOut };
    }
}
