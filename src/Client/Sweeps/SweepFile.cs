using System.Text;
using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.Client.Sweeps;

/// <summary>Reads sweep files: YAML or JSON, in one shape that <see cref="Schema"/> describes.</summary>
public static class SweepFile
{
    /// <summary>Longest file that is read, in bytes.</summary>
    public const int MaxBytes = 1 << 20;

    /// <summary>The JSON Schema (draft 2020-12) of sweep files, for editors.</summary>
    public static string Schema { get; } = ReadSchema();

    /// <summary>The sweep of a file.</summary>
    /// <exception cref="InvalidSweepException">It cannot be started; every problem is named with its line.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static async Task<SweepSpec> ReadAsync(string path, CancellationToken cancellationToken = default)
    {
        await using var file = File.OpenRead(path);
        var bytes = new byte[MaxBytes + 1];
        var length = await file.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
        if (length > MaxBytes)
        {
            throw TooLong(path);
        }

        try
        {
            var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes, 0, length);
            return Parse(text, path);
        }
        catch (DecoderFallbackException exception)
        {
            throw new InvalidSweepException([new SweepFileProblem(path, 1, 1, "", $"expected UTF-8 text, got other bytes at offset {exception.Index}")]);
        }
    }

    /// <summary>The sweep of a text.</summary>
    /// <param name="text">YAML, or JSON.</param>
    /// <param name="name">Name of the file in problems; ".json" at its end holds the text to JSON's rules.</param>
    /// <exception cref="InvalidSweepException">It cannot be started; every problem is named with its line.</exception>
    public static SweepSpec Parse(string text, string name = "sweep.yaml")
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length > MaxBytes)
        {
            throw TooLong(name);
        }

        text = text.TrimStart('\uFEFF'); // the mark of some editors, no part of the text
        var problems = new SweepFileProblems(name);
        var root = name.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? JsonText.Load(text, problems) : YamlText.Load(text, problems);
        var spec = root is null ? null : new SweepFileReader(problems).Read(root);
        problems.ThrowIfAny();
        return spec!;
    }

    private static InvalidSweepException TooLong(string name) =>
        new([new SweepFileProblem(name, 1, 1, "", $"expected a sweep file of at most {MaxBytes} bytes, got a longer one")]);

    private static string ReadSchema()
    {
        using var stream = typeof(SweepFile).Assembly.GetManifestResourceStream("sweep.schema.json")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
