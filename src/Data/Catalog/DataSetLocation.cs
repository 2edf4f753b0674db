using Lcnn.Distributed.Data.Downloads;
using Lcnn.Distributed.Data.Files;
using Lcnn.Distributed.Data.Named;

namespace Lcnn.Distributed.Data.Catalog;

/// <summary>Where a data set is, as far as the names of files tell; none of them was opened.</summary>
/// <param name="Origin">What kind of place it was found in.</param>
/// <param name="Folder">The folder it was found in, or the one where it was missed last.</param>
/// <param name="Files">The files to read, in the order of the format; empty unless found in a folder.</param>
/// <param name="Bytes">Their size on disk.</param>
/// <param name="Missing">The published files that <paramref name="Folder"/> lacks.</param>
/// <param name="Problem">For a data set that was not found: which files were expected where.</param>
public sealed record DataSetLocation(
    DataSetDescription Description,
    DataSetOrigin Origin,
    string? Folder,
    IReadOnlyList<string> Files,
    long Bytes,
    IReadOnlyList<DataFile> Missing,
    DataFileException? Problem = null)
{
    /// <summary>Whether it can be loaded without a download.</summary>
    public bool IsFound => Origin != DataSetOrigin.NotFound;
}
