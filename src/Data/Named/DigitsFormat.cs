using Lcnn.Distributed.Data.Images;

namespace Lcnn.Distributed.Data.Named;

/// <summary>The CSV file inside this assembly.</summary>
internal sealed record DigitsFormat : IDataSetFormat
{
    /// <inheritdoc/>
    public IReadOnlyList<FileSet> FileSets(DataSetDescription description) => [];

    /// <inheritdoc/>
    public DataSet Read(IReadOnlyList<string> files, DataSetDescription description) => DigitsReader.Load();
}
