namespace Lcnn.Distributed.Data.Files;

/// <summary>A data file that is missing, damaged or cannot be fetched.</summary>
public sealed class DataFileException : Exception
{
    internal const string ReplaceAdvice =
        "Delete or replace this file; what is missing from the cache folder is downloaded again";

    /// <summary>Describes one file: what was expected of it, what was got, and what to do.</summary>
    public DataFileException(string path, string expected, string got, string advice = ReplaceAdvice, Exception? cause = null)
        : base($"{path}: expected {expected}, got {got}. {advice}.", cause)
    {
        Path = path;
        Expected = expected;
        Got = got;
        Advice = advice;
    }

    public string Path { get; }

    public string Expected { get; }

    public string Got { get; }

    /// <summary>What to do about it.</summary>
    public string Advice { get; }
}
