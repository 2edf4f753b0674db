namespace Lcnn.Distributed.Model.Data;

/// <summary>One way in which a data set may lie in a folder: files, each under any of several relative paths.</summary>
internal sealed record FileSet(string Title, IReadOnlyList<IReadOnlyList<string>> Files)
{
    /// <summary>The ways of a data set; the last one lists its published files in the catalog's order.</summary>
    public static IReadOnlyList<FileSet> Of(DataSetDescription description)
    {
        var published = description.Files.Select(file => file.Name).ToArray();
        if (description.Format == DataSetFormat.Idx)
        {
            return
            [
                new FileSet(
                    $"{string.Join(", ", published)} (or the same without .gz, or in torchvision's {description.TorchvisionFolder}/raw)",
                    [.. published.Select(file => IdxNames(file, description.TorchvisionFolder!))]),
            ];
        }

        var layout = CifarLayout.For(description.Format);
        return
        [
            new FileSet($"{layout.Folder} with {string.Join(", ", layout.Files)}",
                [.. layout.Files.Select(file => Packed(Path.Combine(layout.Folder, file)))]),
            new FileSet(string.Join(", ", layout.Files), [.. layout.Files.Select(Packed)]),
            new FileSet(published[0], [[published[0], Path.ChangeExtension(published[0], null)]]),
        ];
    }

    /// <summary>The path of each file in a folder; null where none of its names is there.</summary>
    public string?[] FindIn(string folder) =>
        [.. Files.Select(names => names.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists))];

    // Some publish them as train-images.idx3-ubyte. Torchvision's root is given as ROOT or as ROOT/MNIST.
    private static string[] IdxNames(string published, string torchvision)
    {
        var plain = Path.GetFileNameWithoutExtension(published);
        var dotted = plain.Replace("-idx", ".idx", StringComparison.Ordinal);
        string[] names = [published, plain, dotted + ".gz", dotted];
        return [.. new[] { "", "raw", Path.Combine(torchvision, "raw") }.SelectMany(folder => names.Select(name => Path.Combine(folder, name)))];
    }

    private static string[] Packed(string file) => [file, file + ".gz"];
}
