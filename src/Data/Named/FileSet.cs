namespace Lcnn.Distributed.Data.Named;

/// <summary>One way in which a data set may lie in a folder: files, each under any of several relative paths.</summary>
/// <param name="Title">What is said of it where it is missing.</param>
/// <param name="Files">The relative paths of each file; the first one that is there counts.</param>
public sealed record FileSet(string Title, IReadOnlyList<IReadOnlyList<string>> Files)
{
    /// <summary>The path of each file in a folder; null where none of its names is there.</summary>
    public string?[] FindIn(string folder) =>
        [.. Files.Select(names => names.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists))];
}
