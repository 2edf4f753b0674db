namespace Lcnn.Distributed.Data.Checkpoints;

/// <summary>Turns what the operating system says about a file into a <see cref="CheckpointException"/>.</summary>
internal static class CheckpointFile
{
    public static FileStream Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Guard(path, () => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1 << 16));
    }

    public static T Guard<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception problem) when (problem is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CheckpointException(path, "no such file", "a readable file", "none",
                "Check the path, or use another copy or an earlier snapshot.", problem);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(path, "cannot be read", "a readable file", problem.Message,
                "Check the path, its permissions and the disk.", problem);
        }
    }
}
