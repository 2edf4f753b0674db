using System.Globalization;
using Lcnn.Distributed.Data.Files;
using Lcnn.Distributed.Data.Images;

namespace Lcnn.Distributed.Data.Packed;

/// <summary>A data set that <c>lcnn data pack</c> wrote: one file, which stays on disk.</summary>
internal static class PackedSet
{
    /// <summary>Opens it; no image is read.</summary>
    /// <exception cref="DataFileException">It cannot be used, or was packed with other options than these.</exception>
    public static DataSet Read(string path, ImageOptions options)
    {
        var file = PackedFile.Open(path);
        try
        {
            CheckOptions(path, file.Index.Description, options);
            return Of(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The data set of an open file.</summary>
    public static DataSet Of(PackedFile file)
    {
        var description = file.Index.Description;
        return new DataSet(file.Path, PackedImages.Part(file, test: false), PackedImages.Part(file, test: true))
        {
            IsAugmented = description.IsAugmented,
            PackedWith = new ImageOptions
            {
                Size = description.IsResized ? (description.Height, description.Width) : null,
                Grayscale = description.Channels == 1,
                Normalization = description.Normalization,
                Split = description.Split,
                SplitSeed = description.SplitSeed,
            },
        };
    }

    // What says the same as the file does no harm.
    private static void CheckOptions(string path, PackedDescription description, ImageOptions options)
    {
        if (options.Size is { } size && size != (description.Height, description.Width))
        {
            throw Other(path, $"images of {description.Height}x{description.Width}, as it was packed", $"--image-size {size.Height}x{size.Width}");
        }

        if (options.Grayscale && description.Channels != 1)
        {
            throw Other(path, "images in colour, as it was packed", "--grayscale");
        }

        if (options.Normalization is { } wanted && !wanted.Equals(description.Normalization))
        {
            throw Other(path, $"the normalisation that it was packed with, {description.Normalization?.ToString() ?? "none"}", $"--normalize {wanted}");
        }

        if (options.Split > 0 && (options.Split != description.Split || options.SplitSeed != description.SplitSeed))
        {
            throw Other(
                path, $"the test part that it was packed with, of {description.TestCount} images",
                string.Create(CultureInfo.InvariantCulture, $"--split {options.Split} --split-seed {options.SplitSeed}"));
        }
    }

    private static DataFileException Other(string path, string expected, string got) => new(path, expected, got, "Leave out this option, or pack the set with it");
}
