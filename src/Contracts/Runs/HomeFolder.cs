namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>The home folder that a path begins with where no shell has put it in: in files, in variables, after "=".</summary>
public static class HomeFolder
{
    /// <summary>The path with a leading ~ replaced; any other as it is.</summary>
    public static string Expand(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return path is "~" or ['~', '/', ..] && Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) is { Length: > 0 } home
            ? Path.Join(home, path[1..])
            : path;
    }
}
