using System.Text.Json;
using Lcnn.Distributed.Data.Decoding;
using Lcnn.Distributed.Data.Files;
using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Data.Parquet;

namespace Lcnn.Distributed.Data.Own;

/// <summary>Parquet files as Hugging Face stores image sets: encoded images in image.bytes (or image), whole numbers in label.</summary>
/// <remarks>A folder's files that begin with train and test (or validation, val) are its parts, also inside data/; other files together, and one file alone, are to be split.</remarks>
internal static class ParquetSet
{
    /// <summary>How the files are called.</summary>
    public const string Pattern = "*.parquet";

    private static readonly string[] _images = ["image.bytes", "image", "img.bytes", "img"];
    private static readonly string[] _labels = ["label", "labels", "fine_label"];
    private static readonly string[] _testFiles = ["test", "val"];

    /// <summary>The folder that holds Parquet files: this one or data/ in it; null if none does.</summary>
    public static string? FindFolder(string folder) =>
        new[] { folder, Path.Combine(folder, "data") }.FirstOrDefault(place => Directory.Exists(place) && Directory.EnumerateFiles(place, Pattern).Any());

    /// <summary>Reads all of a file, or of a folder with files.</summary>
    /// <exception cref="DataFileException">A file, or an image that is not to be left out, cannot be used.</exception>
    public static DataSet Read(string path, ISetAssembler assembler)
    {
        var files = File.Exists(path) ? [path] : Directory.GetFiles(FindFolder(path)!, Pattern).Order(StringComparer.Ordinal).ToArray();
        var train = files.Where(file => StartsWith(file, "train")).ToArray();
        var test = _testFiles.Select(name => files.Where(file => StartsWith(file, name)).ToArray()).FirstOrDefault(found => found.Length > 0);
        if (train.Length == 0 || files.Length == 1)
        {
            (train, test) = (files, null);
        }

        IReadOnlyList<string>? names = null;
        var source = new OwnSource(path, Samples(train), test is null ? null : Samples(test), () => names ?? []);
        return assembler.OfImages(source);

        IEnumerable<OwnSample> Samples(string[] parts)
        {
            foreach (var part in parts)
            {
                using var file = new ParquetFile(part);
                var found = ReadClassNames(file);
                if (names is not null && !names.SequenceEqual(found))
                {
                    throw file.Problem("the classes of the files before it", found.Count == 0 ? "none" : string.Join(", ", found.Take(20)), "Use files of one set");
                }

                names = found;
                foreach (var sample in SamplesOf(file, found.Count > 0 ? found.Count : ImageAssembler.LargestClasses))
                {
                    yield return sample;
                }
            }
        }
    }

    private static IEnumerable<OwnSample> SamplesOf(ParquetFile file, int classes)
    {
        var image = Find(file, _images, "encoded images", ParquetType.Bytes);
        var label = Find(file, _labels, "whole numbers", ParquetType.Int64, ParquetType.Int32);
        using var labels = file.ReadNumbers(label).GetEnumerator();
        var row = 0;
        foreach (var (isThere, bytes) in file.ReadBytes(image))
        {
            if (!labels.MoveNext())
            {
                throw file.Problem($"a label for every image", $"{row} labels");
            }

            var name = $"{Path.GetFileName(file.Path)}[{row++}]";
            yield return !labels.Current.IsThere ? OwnSample.Bad(name, "has no label")
                : labels.Current.Value < 0 || labels.Current.Value >= classes ? OwnSample.Bad(name, $"label {labels.Current.Value}, expected 0 to {classes - 1}")
                : !isThere ? OwnSample.Bad(name, "holds no bytes; an image that lies elsewhere is not looked for")
                : new OwnSample(name, (int)labels.Current.Value, () => ImageDecoder.Decode(bytes), bytes.Length);
        }

        if (labels.MoveNext())
        {
            throw file.Problem("an image for every label", $"{row} images");
        }
    }

    private static ParquetColumn Find(ParquetFile file, string[] names, string what, params ParquetType[] types)
    {
        var column = names.Select(name => file.Columns.FirstOrDefault(column => column.Path == name)).FirstOrDefault(column => column is not null);
        return column is { IsRepeated: false } && types.Contains(column.Type)
            ? column
            : throw file.Problem(
                $"{what} in a column {names[0]}", column is null ? $"the columns {string.Join(", ", file.Columns.Take(20).Select(other => other.Path))}" : $"{column.Path} of {column.Type}",
                "Store images as Hugging Face's Image feature does, and labels as numbers from 0");
    }

    private static IReadOnlyList<string> ReadClassNames(ParquetFile file)
    {
        try
        {
            using var document = JsonDocument.Parse(file.Metadata.GetValueOrDefault("huggingface", "{}"));
            return document.RootElement.TryGetProperty("info", out var info) && info.TryGetProperty("features", out var features)
                && _labels.Any(name => features.TryGetProperty(name, out _))
                && features.GetProperty(_labels.First(name => features.TryGetProperty(name, out _))).TryGetProperty("names", out var names)
                ? [.. names.EnumerateArray().Take(ImageAssembler.LargestClasses).Select(name => name.GetString() ?? "")]
                : [];
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return []; // a note that nobody needs to train
        }
    }

    private static bool StartsWith(string file, string name) => Path.GetFileName(file).StartsWith(name, StringComparison.OrdinalIgnoreCase);
}
