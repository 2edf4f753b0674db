using System.Text.RegularExpressions;

namespace Lcnn.Distributed.EndToEndTests.Documents;

/// <summary>Lines of the pages at sizes that take seconds: everything else of them stays as it is.</summary>
internal static partial class SmallSizes
{
    private static readonly Size[] _run = [new("--epochs", "1"), new("--train-limit", "64"), new("--test-limit", "24"), new("--curvature-samples", "2")];

    private static readonly Dictionary<string, Size[]> _sizes = new()
    {
        ["train"] = [.. _run, new("--batch-size", "32"), new("--eval-attack-samples", "2", "--eval-attacks")],
        ["eval"] = [new("--test-limit", "24"), new("--curvature-samples", "2"), new("--attack-samples", "2", "--attacks"), new("--samples", "2", "--certify", "--robustness")],
        ["compare"] = [.. _run, new("--attack-samples", "2"), new("--samples", "2"), new("--attack-steps", "2")],
        ["bench"] = [new("--rounds", "1")],
    };

    /// <summary>The line with the sizes of each lcnn in it. What goes on keeps those that it began with.</summary>
    public static string Of(string line) => Lcnn().Replace(line, match =>
    {
        var words = match.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToList();
        if (!_sizes.TryGetValue(words[1], out var sizes) || words.Contains("--resume"))
        {
            return match.Value;
        }

        foreach (var size in sizes.Where(size => size.Needs.Length == 0 || words.Intersect(size.Needs).Any()))
        {
            if (words.IndexOf(size.Option) is var at and >= 0)
            {
                words[at + 1] = size.Value;
            }
            else
            {
                words.AddRange([size.Option, size.Value]);
            }
        }

        return string.Join(' ', words) + " ";
    });

    [GeneratedRegex(@"(?:\./|\b)lcnn [a-z][^|;&>]*")]
    private static partial Regex Lcnn();

    /// <param name="Option">Which.</param>
    /// <param name="Value">The small one.</param>
    /// <param name="Needs">It is refused without one of these.</param>
    private sealed record Size(string Option, string Value, params string[] Needs);
}
