namespace Lcnn.Distributed.Data.Checkpoints;

/// <summary>Paths without symbolic links, so that two names of one place are seen to be one.</summary>
public static class RealPath
{
    private const int MaxLinks = 40; // as in Linux

    /// <summary>The path with every link in it followed; parts that do not exist stay as they are.</summary>
    public static string Of(string path)
    {
        var links = 0;
        return Resolve(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)), ref links);
    }

    /// <summary>The path with every link followed but the last: where the entry of that name lies.</summary>
    public static string OfEntry(string path)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        return Path.GetDirectoryName(full) is { } parent ? Path.Combine(Of(parent), Path.GetFileName(full)) : full;
    }

    private static string Resolve(string path, ref int links)
    {
        if (Path.GetDirectoryName(path) is not { } parent)
        {
            return path;
        }

        var here = Path.Combine(Resolve(parent, ref links), Path.GetFileName(path));
        if (links == MaxLinks || new FileInfo(here).LinkTarget is not { } target)
        {
            return here;
        }

        links++;
        return Resolve(Path.TrimEndingDirectorySeparator(Path.GetFullPath(target, Path.GetDirectoryName(here)!)), ref links);
    }
}
