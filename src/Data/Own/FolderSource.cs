using Lcnn.Distributed.Data.Decoding;
using Lcnn.Distributed.Data.Files;

namespace Lcnn.Distributed.Data.Own;

/// <summary>A folder of images in torchvision's ImageFolder layout: a folder for each class, inside train/ and test/ (or val/), or directly.</summary>
/// <remarks>Classes are numbered in ordinal order of their names, and files taken in ordinal order of folder and name, as torchvision does.</remarks>
internal static class FolderSource
{
    private const int DeepestFolder = 16;

    private static readonly string[] _testFolders = ["test", "val"];
    private static readonly string[] _taken = [".png", ".jpg", ".jpeg", ".bmp"];
    private static readonly string[] _others = [".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm", ".heic", ".heif", ".avif", ".jp2", ".jxl"];
    private static readonly EnumerationOptions _everything = new() { RecurseSubdirectories = true, MaxRecursionDepth = DeepestFolder, IgnoreInaccessible = false, AttributesToSkip = 0 };

    /// <summary>Finds the parts and classes; no image is opened yet.</summary>
    /// <exception cref="DataFileException">The folder has another layout or cannot be read.</exception>
    public static OwnSource Open(string folder)
    {
        var train = Path.Combine(folder, "train");
        var test = _testFolders.Select(name => Path.Combine(folder, name)).FirstOrDefault(Directory.Exists);
        if (!Directory.Exists(train))
        {
            return test is null ? Open(folder, folder, null) : throw Layout(folder, $"{Path.GetFileName(test)}/ without train/");
        }

        return Open(folder, train, test);
    }

    private static OwnSource Open(string folder, string train, string? test)
    {
        var classes = ClassesOf(train);
        if (classes.Length == 0)
        {
            throw Layout(folder, $"no folder in {train}");
        }

        if (test is not null && ClassesOf(test).Except(classes).ToArray() is [_, ..] unknown)
        {
            throw Layout(test, $"the classes {string.Join(", ", unknown)}, which {train} has not");
        }

        var trainSamples = SamplesOf(folder, train, classes);
        if (classes.Where((_, label) => trainSamples.TrueForAll(sample => sample.Label != label)).ToArray() is [_, ..] empty)
        {
            throw new DataFileException(
                train, "images in the folder of every class", $"none in {string.Join(", ", empty)}", "Add PNG, JPEG or BMP files, or remove the folder");
        }

        return new OwnSource(folder, trainSamples, test is null ? null : SamplesOf(folder, test, classes), () => classes);
    }

    private static string[] ClassesOf(string folder) =>
        [.. Directory.GetDirectories(folder).Select(Path.GetFileName).OfType<string>().Where(name => !name.StartsWith('.')).Order(StringComparer.Ordinal)];

    private static List<OwnSample> SamplesOf(string root, string part, string[] classes)
    {
        var stray = Directory.GetFiles(part).Where(IsImage).Order(StringComparer.Ordinal)
            .Select(file => OwnSample.Bad(Path.GetRelativePath(root, file), "lies in the folder of no class") with { Label = -1 });
        return
        [
            .. stray,
            .. classes.SelectMany((name, label) => Directory.Exists(Path.Combine(part, name)) ? Files(Path.Combine(part, name)).Select(file => SampleOf(root, file, label)) : []),
        ];
    }

    /// <summary>The images in a folder and below, in ordinal order of folder and name.</summary>
    public static IEnumerable<string> Files(string folder) =>
        Directory.EnumerateFiles(folder, "*", _everything).Where(IsImage)
            .OrderBy(Path.GetDirectoryName, StringComparer.Ordinal).ThenBy(Path.GetFileName, StringComparer.Ordinal);

    private static bool IsImage(string file) => IsOneOf(file, _taken) || IsOneOf(file, _others);

    private static bool IsOneOf(string file, string[] endings) => endings.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase);

    private static OwnSample SampleOf(string root, string file, int label)
    {
        var name = Path.GetRelativePath(root, file);
        return IsOneOf(file, _taken)
            ? new OwnSample(name, label, () => ImageDecoder.Decode(ReadFile(file)))
            : OwnSample.Bad(name, "neither PNG nor JPEG nor BMP") with { Label = label };
    }

    /// <summary>The bytes of a file of bounded length.</summary>
    /// <exception cref="BadImageException">It is longer, or cannot be read.</exception>
    public static byte[] ReadFile(string file)
    {
        try
        {
            return new FileInfo(file).Length switch
            {
                0 => [], // a pipe, too, which nobody may ever write to
                > ImageDecoder.LargestBytes => throw new BadImageException($"more than the {ImageDecoder.LargestBytes} bytes that are taken"),
                _ => File.ReadAllBytes(file),
            };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BadImageException($"cannot be read ({exception.Message})");
        }
    }

    private static DataFileException Layout(string folder, string got) => new(
        folder, "a folder for each class, in train/ and test/ (or val/) or directly", got,
        "Lay the images out as train/CLASS/*.png and test/CLASS/*.png, or as CLASS/*.png with --split");
}
