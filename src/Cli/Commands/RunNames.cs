namespace Lcnn.Distributed.Cli.Commands;

/// <summary>What runs are called beside each other, where only their folders are known.</summary>
internal static class RunNames
{
    private const int MostParts = 64;

    /// <summary>The last parts of the paths, as many as it takes to tell them apart.</summary>
    public static IReadOnlyList<string> Of(IReadOnlyList<string> folders)
    {
        for (var parts = 1; ; parts++)
        {
            List<string> names = [.. folders.Select(folder => string.Join('/', folder.Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries).TakeLast(parts)))];
            if (names.Distinct().Count() == names.Count || parts > MostParts)
            {
                return names;
            }
        }
    }
}
