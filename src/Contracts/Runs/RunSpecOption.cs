using Lcnn.Distributed.Networks;

namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>What an option takes.</summary>
public enum OptionKind
{
    /// <summary>A name or a path.</summary>
    Text,
    /// <summary>A number.</summary>
    Number,
    /// <summary>A whole number.</summary>
    Whole,
    /// <summary>true or false.</summary>
    Flag,
}

/// <summary>One option of a run: its name in sweep files (the command line's, in camelCase), what it takes, and the field of the spec behind it.</summary>
public sealed class RunSpecOption
{
    private readonly Func<RunSpec, OptionValue?> _get;
    private readonly Func<RunSpec, OptionValue, RunSpec> _set;

    internal RunSpecOption(string name, string field, OptionKind kind, Func<RunSpec, OptionValue?> get, Func<RunSpec, OptionValue, RunSpec> set)
    {
        (Name, Field, Kind) = (name, field, kind);
        (_get, _set) = (get, set);
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>Name of the <see cref="RunSpec"/> property.</summary>
    public string Field { get; }

    /// <summary>What it takes.</summary>
    public OptionKind Kind { get; }

    /// <summary>Smallest number it takes.</summary>
    public double Minimum { get; internal init; } = double.NegativeInfinity;

    /// <summary>Largest number it takes.</summary>
    public double Maximum { get; internal init; } = double.PositiveInfinity;

    /// <summary>Whether <see cref="Minimum"/> itself is refused.</summary>
    public bool IsMinimumOpen { get; internal init; }

    /// <summary>The names it takes; null for any text.</summary>
    public IReadOnlyList<string>? Known { get; internal init; }

    /// <summary>Whether silos' programs may add to the known names: the names of a place, built-in ones included, by what is known of it.</summary>
    internal Func<KnownNames, IReadOnlyList<string>>? Added { get; init; }

    /// <summary>Whether a path, which has a slash in it, may stand in place of a known name.</summary>
    public bool TakesPathBeside { get; internal init; }

    /// <summary>Whether a sweep may vary it: it decides the result or the speed, and not where files lie.</summary>
    public bool IsSweepable { get; internal init; } = true;

    /// <summary>Whether it takes the path of a folder.</summary>
    public bool IsPath { get; internal init; }

    /// <summary>Its value in a spec; null where the spec leaves it open.</summary>
    public OptionValue? Get(RunSpec spec) => _get(spec);

    /// <summary>The spec with another value, which <see cref="Convert(OptionValue)"/> has accepted.</summary>
    public RunSpec Set(RunSpec spec, OptionValue value) => _set(spec, value);

    /// <summary>The value in this option's kind (64 becomes 64.0 for a number), or why it takes none such.</summary>
    public (OptionValue? Value, string? Problem) Convert(OptionValue value) => Convert(value, KnownNames.BuiltIn);

    /// <summary>The same where more names are known.</summary>
    public (OptionValue? Value, string? Problem) Convert(OptionValue value, KnownNames names)
    {
        ArgumentNullException.ThrowIfNull(value);
        ArgumentNullException.ThrowIfNull(names);
        return Kind switch
        {
            OptionKind.Text => value.Text is { } text ? KnownText(text, names) : (null, $"expected {Expected}, got {value}"),
            OptionKind.Flag => value.Flag is null ? (null, $"expected true or false, got {Quoted(value)}") : (value, null),
            OptionKind.Whole => value.AsWhole is { } whole ? Within(whole, OptionValue.FromInt64(whole)) : (null, $"expected {Expected}, got {Quoted(value)}"),
            _ => value.AsNumber is { } number ? Within(number, OptionValue.FromDouble(number)) : (null, $"expected {Expected}, got {Quoted(value)}"),
        };
    }

    private string Expected => Kind switch
    {
        OptionKind.Text => Known is null ? "a text" : $"one of {string.Join(", ", Known)}",
        OptionKind.Whole => $"a whole number{Bounds}",
        OptionKind.Number => $"a number{Bounds}",
        _ => "true or false",
    };

    private string Bounds
    {
        get
        {
            var from = IsMinimumOpen ? "above" : "from";
            return (double.IsFinite(Minimum), double.IsFinite(Maximum)) switch
            {
                (true, true) => string.Create(NumberText.Plain, $" {from} {Minimum} up to {Maximum}"),
                (true, false) => string.Create(NumberText.Plain, $" of at least {Minimum}"),
                _ => "",
            };
        }
    }

    private (OptionValue?, string?) KnownText(string text, KnownNames names)
    {
        if (Known is null ? !string.IsNullOrWhiteSpace(text)
            : Known.Contains(text) || (TakesPathBeside && Names.IsDatasetPath(text)) || (Added is not null && names.Takes(text, Added(names))))
        {
            return (OptionValue.FromString(text), null);
        }

        var known = Added?.Invoke(names) ?? Known ?? [];
        return (null, $"expected {(known.Count == 0 ? Expected : $"one of {string.Join(", ", known)}")}, got '{text}'{Spelling.Hint(text, known)}");
    }

    // Written so that NaN fails every comparison and is refused.
    private (OptionValue?, string?) Within(double number, OptionValue value) =>
        number <= Maximum && (IsMinimumOpen ? number > Minimum : number >= Minimum) && double.IsFinite(number)
            ? (value, null)
            : (null, $"expected {Expected}, got {value}");

    private static string Quoted(OptionValue value) => value.Text is { } text ? $"'{text}'" : value.ToString();
}
