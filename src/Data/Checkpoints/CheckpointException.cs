namespace Lcnn.Distributed.Data.Checkpoints;

/// <summary>A checkpoint that cannot be used: which file, what is wrong with it, expected, got and what to do.</summary>
public sealed class CheckpointException : Exception
{
    private const int QuotedLength = 80;

    /// <summary>Describes what is wrong with <paramref name="file"/>.</summary>
    public CheckpointException(string file, string what, string expected, string got, string advice, Exception? inner = null)
        : base($"{file}: {what}: expected {expected}, got {got}. {advice}", inner) => File = file;

    /// <summary>Path or name of the file or folder at fault.</summary>
    public string File { get; }

    /// <summary>Whether the file could not be read at all: nothing is known of what it holds, and it may be back later.</summary>
    public bool IsOutOfReach => InnerException is (IOException and not EndOfStreamException) or UnauthorizedAccessException;

    // Text out of a damaged file may be huge or hold control characters.
    internal static string Quote(string text)
    {
        var shown = text.Length > QuotedLength ? text[..QuotedLength] : text;
        var printable = string.Create(shown.Length, shown, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = source[i] is < ' ' or > '~' ? '?' : source[i];
            }
        });
        return text.Length > QuotedLength ? $"\"{printable}...\"" : $"\"{printable}\"";
    }
}
