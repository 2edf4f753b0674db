using Lcnn.Distributed.Data.Images;

namespace Lcnn.Distributed.Data.Named;

/// <summary>MNIST's IDX files: images and labels, for training and for testing, in this order.</summary>
/// <param name="TorchvisionFolder">Folder with a folder "raw", in which torchvision keeps them.</param>
internal sealed record IdxFormat(string TorchvisionFolder) : IDataSetFormat
{
    /// <inheritdoc/>
    public IReadOnlyList<FileSet> FileSets(DataSetDescription description)
    {
        var published = description.Files.Select(file => file.Name).ToArray();
        return
        [
            new FileSet(
                $"{string.Join(", ", published)} (or the same without .gz, or in torchvision's {TorchvisionFolder}/raw)",
                [.. published.Select(Names)]),
        ];
    }

    /// <inheritdoc/>
    public DataSet Read(IReadOnlyList<string> files, DataSetDescription description) => new(
        description.Name, IdxReader.Read(files[0], files[1], description), IdxReader.Read(files[2], files[3], description));

    // Some publish them as train-images.idx3-ubyte. Torchvision's root is given as ROOT or as ROOT/MNIST.
    private string[] Names(string published)
    {
        var plain = Path.GetFileNameWithoutExtension(published);
        var dotted = plain.Replace("-idx", ".idx", StringComparison.Ordinal);
        string[] names = [published, plain, dotted + ".gz", dotted];
        return [.. new[] { "", "raw", Path.Combine(TorchvisionFolder, "raw") }.SelectMany(folder => names.Select(name => Path.Combine(folder, name)))];
    }
}
