using System.CommandLine;
using System.Text.Json;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary>Values of a silo's options from the environment and from a file, for whatever the command line does not say.</summary>
/// <remarks>Names are those of the command line; upper case, '-' and '_' make no difference. Values are read and refused as if they were typed.</remarks>
internal sealed class ConfiguredOptions(ArgumentReader reader, CliServices services)
{
    /// <summary>What names of variables begin with; .NET's way to write <c>lcnn:silo:</c>.</summary>
    public const string Prefix = "LCNN_SILO__";

    public const string FileVariable = "LCNN_CONFIG";

    private const string Section = "silo";

    private static readonly JsonDocumentOptions _json = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>Hands what is there to the reader.</summary>
    /// <param name="options">What can be configured.</param>
    /// <param name="file">Names the file.</param>
    public void Read(IReadOnlyList<Option> options, Option<string> file)
    {
        ReadEnvironment(options);
        var path = reader.IsGiven(file) ? reader.Text(file) : services.Variable(FileVariable);
        if (!string.IsNullOrWhiteSpace(path))
        {
            ReadFile(options, Path.GetFullPath(HomeFolder.Expand(path), services.WorkingDirectory), reader.IsGiven(file) ? file.Name : FileVariable);
        }
    }

    private void ReadEnvironment(IReadOnlyList<Option> options)
    {
        foreach (var name in services.VariableNames().Where(name => name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)).Order(StringComparer.Ordinal))
        {
            // An empty one is how a manifest says nothing.
            if (services.Variable(name) is { Length: > 0 } text)
            {
                Configure(options, name[Prefix.Length..], name, text);
            }
        }
    }

    private void ReadFile(IReadOnlyList<Option> options, string path, string source)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path), _json);
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty(Section, out var silo) || silo.ValueKind != JsonValueKind.Object)
            {
                reader.Add(new ArgumentProblem(source, $"expected an object with an object \"{Section}\" in '{path}'"));
                return;
            }

            foreach (var entry in silo.EnumerateObject())
            {
                var name = $"{Section}.{entry.Name} in '{path}'";
                if (TextOf(entry.Value) is { } text)
                {
                    Configure(options, entry.Name, name, text);
                }
                else
                {
                    reader.Add(new ArgumentProblem(name, "expected a text, a number, true, false, or an array of such"));
                }
            }
        }
        catch (JsonException exception)
        {
            reader.Add(new ArgumentProblem(source, $"'{path}' is no JSON: line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}"));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            reader.Add(new ArgumentProblem(source, $"'{path}' cannot be read: {exception.Message}"));
        }
    }

    private static string? TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
        JsonValueKind.Array when value.EnumerateArray().Select(TextOf).ToList() is var parts && !parts.Contains(null) => string.Join(',', parts),
        _ => null,
    };

    private void Configure(IReadOnlyList<Option> options, string key, string source, string text)
    {
        if (options.FirstOrDefault(option => Plain(option.Name) == Plain(key)) is not { } option)
        {
            var closest = Names.Closest($"--{key.ToLowerInvariant().Replace('_', '-')}", [.. options.Select(known => known.Name)]);
            reader.Add(new ArgumentProblem(source, $"a silo has no such option{(closest is null ? "" : $"; did you mean that of '{closest}'?")}"));
        }
        else if (option is not Option<bool>)
        {
            reader.Configure(option, source, text);
        }
        else if (!bool.TryParse(text, out var isSet))
        {
            reader.Add(new ArgumentProblem(source, $"expected true or false, got '{text}'"));
        }
        else if (isSet)
        {
            reader.Configure(option, source, text);
        }
    }

    private static string Plain(string name) => name.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal).ToUpperInvariant();
}
