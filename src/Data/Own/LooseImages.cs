using Lcnn.Distributed.Data.Decoding;
using Lcnn.Distributed.Data.Files;
using Lcnn.Distributed.Data.Images;

namespace Lcnn.Distributed.Data.Own;

/// <summary>Images without labels, made into what a network takes: as those that it was trained on.</summary>
/// <param name="Images">Those that can be used; every label is 0. Null where there are none.</param>
/// <param name="Names">Their files.</param>
/// <param name="Bad">Files that cannot be used, and why.</param>
public sealed record LooseImages(ImageData? Images, IReadOnlyList<string> Names, IReadOnlyList<(string Name, string Problem)> Bad)
{
    /// <summary>Reads files and all images in folders, in the order they are given and then of their names.</summary>
    /// <param name="paths">Files and folders.</param>
    /// <param name="shape">Channels, rows and columns that the network takes. One channel makes colour grey, three make grey of equal colours.</param>
    /// <param name="classes">That the network tells apart.</param>
    /// <param name="resizes">Whether images of another size are resized and cropped; else they are refused.</param>
    /// <param name="normalization">Of their values, or null.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static LooseImages Read(
        IReadOnlyList<string> paths, (int Channels, int Height, int Width) shape, int classes, bool resizes, PixelNormalization? normalization, CancellationToken cancellationToken)
    {
        var files = paths.SelectMany(path => Directory.Exists(path) ? FolderSource.Files(path) : [path]).ToList();
        var length = shape.Channels * shape.Height * shape.Width;
        var decoded = new (byte[]? Planes, string? Problem)[files.Count];
        Parallel.For(0, files.Count, new ParallelOptions { CancellationToken = cancellationToken }, i => decoded[i] = TryDecode(files[i], shape, resizes));
        var good = Enumerable.Range(0, files.Count).Where(i => decoded[i].Planes is not null).ToList();
        if ((long)length * good.Count > Array.MaxLength)
        {
            throw new DataFileException(paths[0], $"at most {Array.MaxLength / length} images at once", $"{good.Count}", "Take them in parts");
        }

        var pixels = new byte[length * good.Count];
        foreach (var (place, index) in good.Index())
        {
            decoded[index].Planes!.CopyTo(pixels, place * length);
        }

        return new LooseImages(
            good.Count == 0 ? null : new ImageData(pixels, new int[good.Count], shape.Channels, shape.Height, shape.Width, classes, byte.MaxValue, normalization),
            [.. good.Select(index => files[index])],
            [.. Enumerable.Range(0, files.Count).Where(i => decoded[i].Problem is not null).Select(i => (files[i], decoded[i].Problem!))]);
    }

    private static (byte[]? Planes, string? Problem) TryDecode(string file, (int Channels, int Height, int Width) shape, bool resizes)
    {
        try
        {
            var options = new ImageOptions { Grayscale = shape.Channels == 1, Size = resizes ? (shape.Height, shape.Width) : null };
            var picture = SampleDecoder.Prepare(ImageDecoder.Decode(FolderSource.ReadFile(file)), options);
            if ((picture.Height, picture.Width) != (shape.Height, shape.Width))
            {
                return (null, $"expected an image of {shape.Height}x{shape.Width}, got {picture.Height}x{picture.Width}: the model was trained on images as they are");
            }

            var planes_CHW = new byte[shape.Channels * shape.Height * shape.Width];
            picture.CopyPlanes(planes_CHW, shape.Channels);
            return (planes_CHW, null);
        }
        catch (BadImageException exception)
        {
            return (null, exception.Message);
        }
    }
}
