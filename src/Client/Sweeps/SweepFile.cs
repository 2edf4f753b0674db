using Lcnn.Distributed.Client.Files;
using Lcnn.Distributed.Contracts.Runs;
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
    public static Task<SweepSpec> ReadAsync(string path, CancellationToken cancellationToken = default) => ReadAsync(path, KnownNames.BuiltIn, cancellationToken);

    /// <summary>The sweep of a file, for a place where these names are known.</summary>
    /// <inheritdoc cref="ReadAsync(string, CancellationToken)"/>
    public static async Task<SweepSpec> ReadAsync(string path, KnownNames names, CancellationToken cancellationToken = default)
    {
        var (text, problem) = await FileText.ReadAsync(path, MaxBytes, cancellationToken);
        return problem is null ? Parse(text, path, names) : throw new InvalidSweepException([problem]);
    }

    /// <summary>The sweep of a text.</summary>
    /// <param name="text">YAML, or JSON.</param>
    /// <param name="name">Name of the file in problems; ".json" at its end holds the text to JSON's rules.</param>
    /// <param name="names">What it may name where it is to run; the built-in names if null.</param>
    /// <exception cref="InvalidSweepException">It cannot be started; every problem is named with its line.</exception>
    public static SweepSpec Parse(string text, string name = "sweep.yaml", KnownNames? names = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        var problems = new FileProblems(name);
        var root = FileText.Load(text, name, MaxBytes, problems);
        var spec = root is null ? null : new SweepFileReader(Path.GetDirectoryName(Path.GetFullPath(name)) ?? "", problems, names ?? KnownNames.BuiltIn).Read(root);
        return problems.IsEmpty ? spec! : throw new InvalidSweepException(problems.InOrder());
    }

    private static string ReadSchema()
    {
        using var stream = typeof(SweepFile).Assembly.GetManifestResourceStream("sweep.schema.json")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
