using Lcnn.Distributed.Data.Files;
using Lcnn.Distributed.Data.Images;

namespace Lcnn.Distributed.Data.Named;

/// <summary>How the files of a named data set lie in a folder, and how they are read.</summary>
public interface IDataSetFormat
{
    /// <summary>The ways in which its files may lie in a folder; the last one lists the published files in the catalog's order. None when the set is embedded.</summary>
    IReadOnlyList<FileSet> FileSets(DataSetDescription description);

    /// <summary>Reads the files of one of these ways, in its order.</summary>
    /// <exception cref="DataFileException">A file is damaged.</exception>
    DataSet Read(IReadOnlyList<string> files, DataSetDescription description);
}
