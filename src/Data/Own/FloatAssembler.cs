using Lcnn.Distributed.Data.Files;
using Lcnn.Distributed.Data.Images;

namespace Lcnn.Distributed.Data.Own;

/// <summary>Makes a data set out of arrays of floating-point numbers, which are taken as they are.</summary>
internal static class FloatAssembler
{
    /// <summary>Reads both parts.</summary>
    /// <exception cref="DataFileException">The set, or an image that is not to be left out, cannot be used.</exception>
    public static DataSet Read(string path, NumpyPart train, NumpyPart? test, ImageOptions options)
    {
        var (layout, bad) = (train.Layout, new BadImages(path));
        if (test is not null && (test.Layout.Height, test.Layout.Width, test.Layout.Channels) != (layout.Height, layout.Width, layout.Channels))
        {
            throw new DataFileException(
                path, $"images of {Shape(layout)} in x_test, as in x_train", Shape(test.Layout), "Make them alike before they are saved");
        }

        if ((options.Size is { } size && size != (layout.Height, layout.Width)) || (options.Grayscale && layout.Channels != 1))
        {
            throw new DataFileException(
                path, "uint8 images, which alone are resized and made grey", $"{train.Images.Header.Type} images of {Shape(layout)}",
                "Save them as uint8, or leave out --image-size and --grayscale");
        }

        var parts = new[] { train, test }.OfType<NumpyPart>().Select(part => (Part: part, Good: Good(part, bad))).ToList();
        if (!options.SkipBad)
        {
            bad.ThrowIfAny();
        }

        OwnDataSet.CheckNormalization(path, layout.Channels, options.Normalization);
        var classes = 1 + parts.SelectMany(part => part.Good.Select(part.Part.Label)).DefaultIfEmpty(0).Max();
        var images = parts.ConvertAll(part => new FloatImages(
            Values(path, part.Part, part.Good), [.. part.Good.Select(part.Part.Label)], layout.Channels, layout.Height, layout.Width, classes, options.Normalization));
        return OwnDataSet.Of(path, images[0], images.ElementAtOrDefault(1), options) with { LeftOut = bad.Describe() };
    }

    private static List<int> Good(NumpyPart part, BadImages bad)
    {
        var good = new List<int>();
        for (var sample = 0; sample < part.Layout.Count; sample++)
        {
            if ((part.LabelProblem(sample) ?? ValueProblem(part, sample)) is { } problem)
            {
                bad.Add(part.NameOf(sample), problem);
                continue;
            }

            bad.AddGood();
            good.Add(sample);
        }

        return good;
    }

    private static string? ValueProblem(NumpyPart part, int sample)
    {
        var isFinite = true;
        part.Layout.Visit(sample, (source, _) => isFinite &= float.IsFinite((float)part.Images.Number(source)!.Value));
        return isFinite ? null : "holds values that are not finite";
    }

    private static float[] Values(string path, NumpyPart part, List<int> samples)
    {
        var (layout, plane) = (part.Layout, part.Layout.Height * part.Layout.Width);
        var length = (long)plane * layout.Channels;
        if (length * samples.Count > Array.MaxLength)
        {
            throw new DataFileException(path, $"at most {Array.MaxLength / length} images of {Shape(layout)}", $"{samples.Count}", "Use fewer or smaller ones");
        }

        var values_NCHW = new float[length * samples.Count];
        for (var i = 0; i < samples.Count; i++)
        {
            var first = i * length;
            layout.Visit(samples[i], (source, target) =>
                values_NCHW[first + (target % layout.Channels * plane) + (target / layout.Channels)] = (float)part.Images.Number(source)!.Value);
        }

        return values_NCHW;
    }

    private static string Shape(ArrayLayout layout) => $"{layout.Height}x{layout.Width} with {layout.Channels} channels";
}
