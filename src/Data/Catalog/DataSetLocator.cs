using Lcnn.Distributed.Data.Files;
using Lcnn.Distributed.Data.Named;

namespace Lcnn.Distributed.Data.Catalog;

/// <summary>Finds the files of a data set by name: in the folder the user named, else in Debian's, else in the cache folder.</summary>
public sealed class DataSetLocator
{
    /// <summary>Uses the cache folder that the environment names.</summary>
    public DataSetLocator() : this(FindCacheFolder(Environment.GetEnvironmentVariable))
    {
    }

    /// <summary>Uses the given cache folder.</summary>
    public DataSetLocator(string cacheFolder) => CacheFolder = Path.GetFullPath(cacheFolder);

    /// <summary>Holds one folder per data set: LCNN_CACHE, else lcnn in XDG_CACHE_HOME, else lcnn in ~/.cache.</summary>
    public string CacheFolder { get; }

    /// <summary>Where the files of a data set are downloaded to.</summary>
    public string CacheFolderOf(string name) => Path.Combine(CacheFolder, name);

    /// <summary>Finds a data set without opening its files; a data directory that lacks them is not passed over.</summary>
    /// <exception cref="ArgumentException">There is no data set of this name.</exception>
    public DataSetLocation Locate(string name, string? dataDirectory = null) =>
        Locate(DataSetCatalog.Find(name), dataDirectory);

    internal DataSetLocation Locate(DataSetDescription description, string? dataDirectory)
    {
        if (description.Files.Count == 0)
        {
            return new DataSetLocation(description, DataSetOrigin.Embedded, null, [], 0, []);
        }

        if (dataDirectory is not null)
        {
            var folder = Path.GetFullPath(dataDirectory);
            return Search(description,
                [(folder, DataSetOrigin.DataDirectory), (Path.Combine(folder, description.Name), DataSetOrigin.DataDirectory)],
                $"Put the files there, name another folder with --data-dir, or leave it out to use {CacheFolderOf(description.Name)}");
        }

        List<(string, DataSetOrigin)> places = [(CacheFolderOf(description.Name), DataSetOrigin.Cache)];
        if (description.SystemFolder is { } systemFolder)
        {
            places.Insert(0, (systemFolder, DataSetOrigin.System));
        }

        return Search(description, places, "Put the files there, or name their folder with --data-dir");
    }

    private static string Home => Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    // A file of settings has no shell to do it.
    private static string Expand(string folder) => folder is "~" or ['~', '/', ..] ? Path.Join(Home, folder[1..]) : folder;

    internal static string FindCacheFolder(Func<string, string?> environment)
    {
        if (environment("LCNN_CACHE") is { Length: > 0 } own)
        {
            return Expand(own);
        }

        // XDG: a relative path is to be ignored.
        var root = environment("XDG_CACHE_HOME") is { Length: > 0 } shared && Expand(shared) is var place && Path.IsPathRooted(place)
            ? place
            : Path.Combine(Home, ".cache");
        return Path.Combine(root, "lcnn");
    }

    private static DataSetLocation Search(
        DataSetDescription description, IReadOnlyList<(string Folder, DataSetOrigin Origin)> places, string advice)
    {
        var sets = description.Format.FileSets(description);
        foreach (var (folder, origin) in places)
        {
            foreach (var found in sets.Select(set => set.FindIn(folder)).Where(found => !found.Contains(null)))
            {
                string[] files = found!;
                return new DataSetLocation(
                    description, origin, folder, files, files.Sum(file => new FileInfo(file).Length), []);
            }
        }

        var last = places[^1].Folder;
        var published = sets[^1].FindIn(last);
        var missing = description.Files.Where((_, i) => published[i] is null).ToArray();
        var problem = new DataFileException(
            string.Join(" and ", places.Select(place => place.Folder)),
            $"the files of {description.Name}: {string.Join("; or ", sets.Select(set => set.Title))}",
            Describe(sets, places),
            advice);
        return new DataSetLocation(description, DataSetOrigin.NotFound, last, [], 0, missing, problem);
    }

    // Names what is missing where most is there.
    private static string Describe(IReadOnlyList<FileSet> sets, IReadOnlyList<(string Folder, DataSetOrigin Origin)> places)
    {
        var (folder, set, found) = places
            .SelectMany(place => sets.Select(set => (place.Folder, Set: set, Found: set.FindIn(place.Folder))))
            .MaxBy(candidate => candidate.Found.Count(file => file is not null));
        if (found.All(file => file is null))
        {
            return places.Any(place => Directory.Exists(place.Folder)) ? "none of them" : "no such folder";
        }

        return $"{folder} without {string.Join(", ", set.Files.Where((_, i) => found[i] is null).Select(names => names[0]))}";
    }
}
