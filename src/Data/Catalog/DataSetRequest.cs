using Lcnn.Distributed.Data.Images;

namespace Lcnn.Distributed.Data.Catalog;

/// <summary>A data set that is wanted.</summary>
/// <param name="Name">A name of the catalog, or the path of a user's own images.</param>
/// <param name="DataDirectory">Folder with the files of a named set; null for the usual places.</param>
public sealed record DataSetRequest(string Name, string? DataDirectory = null)
{
    /// <summary>How a user's own images become samples; a named set is taken as it is.</summary>
    public ImageOptions Images { get; init; } = new();

    /// <summary>Whether it lies at a path.</summary>
    public bool IsOwn => DataSetNames.IsPath(Name);
}
