using Lcnn.Distributed.Data.Checkpoints;

namespace Lcnn.Distributed.Grains.Folders;

/// <summary>The folders under which runs and sweeps may read and write on this silo; none for wherever its user may.</summary>
public sealed class RunRoots(IEnumerable<string> roots)
{
    private readonly string[] _roots = [.. roots.Select(Path.GetFullPath)];

    /// <summary>No bounds.</summary>
    public static RunRoots All { get; } = new([]);

    /// <summary>Where a folder lies: a relative one under the first root.</summary>
    public string Place(string folder) => _roots.Length == 0 || folder.Length == 0 ? folder : Path.Combine(_roots[0], folder);

    /// <summary>Why a folder may not be used, links in it followed; null when it may.</summary>
    public string? ProblemOf(string folder)
    {
        if (_roots.Length == 0)
        {
            return null;
        }

        var place = RealPath.Of(Place(folder));
        return Array.Exists(_roots, root => IsUnder(place, RealPath.Of(root))) ? null
            : $"expected a folder under {string.Join(" or ", _roots.Select(root => $"'{root}'"))}, where the silos' runs are allowed, got '{folder}'";
    }

    private static bool IsUnder(string path, string root) =>
        path == root || path.StartsWith(Path.EndsInDirectorySeparator(root) ? root : root + Path.DirectorySeparatorChar, StringComparison.Ordinal);
}
