using System.Text;

namespace Lcnn.Distributed.Client.Files;

/// <summary>Reads and loads the files that users write: YAML or JSON, of bounded length.</summary>
internal static class FileText
{
    /// <summary>The text of a file, or what keeps it from being one.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static async Task<(string Text, FileProblem? Problem)> ReadAsync(string path, int maxBytes, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(path);
        var bytes = new byte[maxBytes + 1];
        return Decode(path, bytes, await file.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken));
    }

    /// <inheritdoc cref="ReadAsync"/>
    public static (string Text, FileProblem? Problem) Read(string path, int maxBytes)
    {
        using var file = File.OpenRead(path);
        var bytes = new byte[maxBytes + 1];
        return Decode(path, bytes, file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));
    }

    private static (string Text, FileProblem? Problem) Decode(string path, byte[] bytes, int length)
    {
        var maxBytes = bytes.Length - 1;
        if (length > maxBytes)
        {
            return ("", TooLong(path, maxBytes));
        }

        try
        {
            return (new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes, 0, length), null);
        }
        catch (DecoderFallbackException exception)
        {
            return ("", new FileProblem(path, 1, 1, "", $"expected UTF-8 text, got other bytes at offset {exception.Index}"));
        }
    }

    /// <summary>The nodes of a text; null where it is refused, and the reasons are among the problems.</summary>
    /// <param name="name">Name of the file; ".json" at its end holds the text to JSON's rules.</param>
    public static TextNode? Load(string text, string name, int maxBytes, FileProblems problems)
    {
        if (text.Length > maxBytes)
        {
            problems.Add(new TextPlace(1, 1), "", TooLong(name, maxBytes).Message);
            return null;
        }

        text = text.TrimStart('\uFEFF'); // the mark of some editors, no part of the text
        return name.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? JsonText.Load(text, problems) : YamlText.Load(text, problems);
    }

    private static FileProblem TooLong(string name, int maxBytes) => new(name, 1, 1, "", $"expected a file of at most {maxBytes} bytes, got a longer one");
}
