using Lcnn.Distributed.Data.Images;

namespace Lcnn.Distributed.Data.Named;

/// <summary>CIFAR's binary version: its extracted files or the published archive.</summary>
/// <param name="Layout">Files and records; of several label bytes the last one is used.</param>
internal sealed record CifarFormat(CifarLayout Layout) : IDataSetFormat
{
    /// <inheritdoc/>
    public IReadOnlyList<FileSet> FileSets(DataSetDescription description)
    {
        var archive = description.Files[0].Name;
        return
        [
            new FileSet($"{Layout.Folder} with {string.Join(", ", Layout.Files)}",
                [.. Layout.Files.Select(file => Packed(Path.Combine(Layout.Folder, file)))]),
            new FileSet(string.Join(", ", Layout.Files), [.. Layout.Files.Select(Packed)]),
            new FileSet(archive, [[archive, Path.ChangeExtension(archive, null)]]),
        ];
    }

    /// <inheritdoc/>
    public DataSet Read(IReadOnlyList<string> files, DataSetDescription description) => CifarReader.Read(files, Layout, description);

    private static string[] Packed(string file) => [file, file + ".gz"];
}
