using System.CommandLine;
using System.Globalization;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary>Reads what was typed and collects every problem instead of stopping at the first.</summary>
internal sealed class ArgumentReader(ParseResult parsed)
{
    private const string Gpu = "cuda:";

    private readonly List<ArgumentProblem> _problems = [.. ParseProblems.Of(parsed)];
    private readonly Dictionary<Option, (string Source, string Text)> _configured = [];

    public IReadOnlyList<ArgumentProblem> Problems => _problems;

    public void Add(Option option, string message) => Add(new ArgumentProblem(NameOf(option), message));

    // An option that already has a problem keeps its first: later ones follow from it.
    public void Add(ArgumentProblem problem)
    {
        if (!_problems.Exists(known => known.Argument == problem.Argument))
        {
            _problems.Add(problem);
        }
    }

    /// <summary>Whether it has a value, from wherever.</summary>
    public bool IsGiven(Option option) => IsTyped(option) || _configured.ContainsKey(option);

    /// <summary>Whether the command line has it, where everybody can read it.</summary>
    public bool IsTyped(Option option) => CommonOptions.IsGiven(parsed, option);

    /// <summary>Gives an option a value unless the command line does, or somebody has before.</summary>
    /// <param name="source">What the value is called there.</param>
    public void Configure(Option option, string source, string text)
    {
        if (!IsTyped(option))
        {
            _configured.TryAdd(option, (source, text));
        }
    }

    /// <summary>What a user knows the option by: where its value comes from.</summary>
    public string NameOf(Option option) => _configured.TryGetValue(option, out var configured) ? configured.Source : option.Name;

    /// <summary>The value as typed, in a path with the home folder put in, which a shell does not do after "="; null when there is none.</summary>
    public string? OptionalText(Option option)
    {
        var text = _configured.TryGetValue(option, out var configured) ? configured.Text
            : parsed.GetResult(option)?.Tokens is [var token] ? token.Value
            : null;
        if (text is null || !CommonOptions.TakesPath(option))
        {
            return text;
        }

        if (text.Contains('\0'))
        {
            Add(option, "expected a path, got a text with a zero byte");
            return null;
        }

        return HomeFolder.Expand(text);
    }

    /// <summary>As <see cref="OptionalText"/>, for an option that is nothing without a value.</summary>
    public string? Text(Option option)
    {
        if (parsed.GetResult(option) is { Implicit: false, Tokens.Count: 0 })
        {
            Add(option, "expected a value");
        }

        return OptionalText(option);
    }

    public int? WholeNumber(Option option, int minimum = int.MinValue)
    {
        var number = (int?)LongNumber(option, int.MinValue, int.MaxValue);
        if (number < minimum)
        {
            Add(option, $"expected at least {minimum}, got {number}");
            return null;
        }

        return number;
    }

    public long? LongNumber(Option option, long minimum = long.MinValue, long maximum = long.MaxValue)
    {
        if (Text(option) is not { } text)
        {
            return null;
        }

        // 64.0 and 1e2 are whole, too
        if (DecimalNumber.TryParse(text, out var exact) && exact.IsWhole)
        {
            if (exact.TryToInt64(out var number) && number >= minimum && number <= maximum)
            {
                return number;
            }

            Add(option, $"expected a whole number from {minimum} to {maximum}, got {text}");
        }
        else
        {
            Add(option, $"expected a whole number, got '{text}'");
        }

        return null;
    }

    public double? Number(Option option)
    {
        if (Text(option) is not { } text)
        {
            return null;
        }

        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
        {
            return number;
        }

        Add(option, $"expected a number such as 0.1 or 5e-4, got '{text}'");
        return null;
    }

    /// <summary>Values between commas; null when there are none.</summary>
    /// <param name="option">The option.</param>
    /// <param name="read">One value out of a text, or nothing.</param>
    /// <param name="expected">Said of a text that is none.</param>
    public T[]? List<T>(Option option, Func<string, IEnumerable<T>> read, string expected)
    {
        if (Text(option) is not { } text)
        {
            return null;
        }

        var parts = text.Split(',', StringSplitOptions.TrimEntries);
        var values = parts.SelectMany(read).ToArray();
        if (values.Length == parts.Length)
        {
            return values;
        }

        Add(option, $"expected {expected}, got '{text}'");
        return null;
    }

    /// <summary>Words between commas out of those known; null when there are none.</summary>
    public string[]? List(Option option, IReadOnlyList<string> known) =>
        List(option, text => known.Where(word => word == text), string.Join(", ", known));

    /// <summary>A word out of those known; null when there is none.</summary>
    public string? Choice(Option option, IReadOnlyList<string> known)
    {
        var text = Text(option);
        if (text is null || known.Contains(text))
        {
            return text;
        }

        Add(option, $"expected one of {string.Join(", ", known)}, got '{text}'");
        return null;
    }

    /// <summary>The id of a run or sweep; null when there is none.</summary>
    public string? Id(Option option)
    {
        var text = Text(option);
        if (text is null || RunIds.ProblemOf(text) is not { } problem)
        {
            return text;
        }

        Add(option, $"{problem}, got '{text}'");
        return null;
    }

    /// <summary>"cpu", or "cuda:" and an index; null when there is none.</summary>
    public string? Device(Option option)
    {
        var text = Text(option);
        if (text is null or "cpu" || (text.StartsWith(Gpu, StringComparison.Ordinal) && text[Gpu.Length..] is { Length: > 0 and < 4 } index && index.All(char.IsAsciiDigit)))
        {
            return text;
        }

        Add(option, $"expected cpu, or a GPU as {Gpu}0, got '{text}'");
        return null;
    }

    /// <summary>Channels, height and width as in 3x32x32; null when there are none.</summary>
    public int[]? Dimensions(Option option)
    {
        if (Text(option) is not { } text)
        {
            return null;
        }

        var sizes = text.Split('x').Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : 0).ToArray();
        if (sizes.Length == 3 && sizes.All(size => size is > 0 and <= 4096))
        {
            return sizes;
        }

        Add(option, $"expected channels, height and width from 1 to 4096 such as 3x32x32, got '{text}'");
        return null;
    }

    /// <summary>The full path of a folder that must exist; null when none is given.</summary>
    public string? ExistingFolder(Option option, string workingDirectory)
    {
        if (Text(option) is not { } text)
        {
            return null;
        }

        if (string.IsNullOrWhiteSpace(text))
        {
            Add(option, "expected a folder, got an empty name");
            return null;
        }

        var folder = Path.GetFullPath(text, workingDirectory);
        if (!Directory.Exists(folder))
        {
            Add(option, File.Exists(folder) ? $"expected a folder, '{folder}' is a file" : $"the folder '{folder}' does not exist");
        }

        return folder;
    }

    /// <summary>The word given for an argument; a missing one is a problem already.</summary>
    public string Value(Argument argument)
    {
        var text = parsed.GetResult(argument)?.Tokens is [var token] ? token.Value.Trim() : null;
        if (text is { Length: 0 })
        {
            Add(new ArgumentProblem(argument.Name, "expected a value"));
        }
        else if (text?.Any(char.IsControl) == true)
        {
            Add(new ArgumentProblem(argument.Name, "expected a name, got a text with control characters"));
        }

        return text ?? "";
    }

    /// <summary>The full path of a file or folder that must exist; null when none is given.</summary>
    public string? ExistingPath(Argument argument, string workingDirectory)
    {
        if (parsed.GetResult(argument)?.Tokens is not [var token] || string.IsNullOrWhiteSpace(token.Value))
        {
            return null;
        }

        var path = token.Value.Contains('\0') ? token.Value : Path.GetFullPath(HomeFolder.Expand(token.Value), workingDirectory);
        if (!Path.Exists(path))
        {
            Add(new ArgumentProblem(argument.Name, $"'{path}' does not exist"));
        }

        return path;
    }

    /// <summary>Full paths of files or folders that are there.</summary>
    public IReadOnlyList<string> Paths(Argument argument, string workingDirectory)
    {
        var paths = new List<string>();
        foreach (var token in parsed.GetResult(argument)?.Tokens ?? [])
        {
            var path = token.Value.Contains('\0') || token.Value.Length == 0 ? token.Value : Path.GetFullPath(HomeFolder.Expand(token.Value), workingDirectory);
            if (!Path.Exists(path))
            {
                Add(new ArgumentProblem(argument.Name, $"'{path}' does not exist"));
            }

            paths.Add(path);
        }

        return paths;
    }

    /// <summary>The name of a data set, or the full path of images: what has a slash in it, or is no name but there. Null when none is given.</summary>
    public string? Dataset(Option option, string workingDirectory)
    {
        if (Text(option) is not { Length: > 0 } text || Names.Datasets.Contains(text))
        {
            return OptionalText(option);
        }

        return Dataset(text, workingDirectory, problem => Add(option, problem));
    }

    /// <summary>The same of an argument; a missing one is a problem already.</summary>
    public string Dataset(Argument argument, string workingDirectory) => parsed.GetResult(argument)?.Tokens is not [var token] ? ""
        : Names.Datasets.Contains(token.Value) ? token.Value
        : Dataset(token.Value, workingDirectory, problem => Add(new ArgumentProblem(argument.Name, problem))) ?? "";

    private static string? Dataset(string text, string workingDirectory, Action<string> add)
    {
        if (text.Contains('\0'))
        {
            add("expected a name or a path, got a text with a zero byte");
            return null;
        }

        if (text.Length == 0)
        {
            return text;
        }

        var path = Path.GetFullPath(HomeFolder.Expand(text), workingDirectory);
        return Names.IsDatasetPath(text) || Path.Exists(path) ? path : text;
    }

    public void ThrowIfProblems()
    {
        if (_problems.Count > 0)
        {
            throw new ArgumentsRefusedException(_problems);
        }
    }
}
