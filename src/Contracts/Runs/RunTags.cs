namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>Words that people put on runs to find them again. They are no part of the spec: what is trained does not depend on them, and they may change at any time.</summary>
public static class RunTags
{
    /// <summary>Most tags of one run.</summary>
    public const int MaxCount = 32;

    /// <summary>Most letters of one.</summary>
    public const int MaxLength = 64;

    /// <summary>What is wrong with tags; empty when nothing is.</summary>
    public static IReadOnlyList<SpecProblem> ProblemsOf(IReadOnlyList<string> tags)
    {
        ArgumentNullException.ThrowIfNull(tags);
        string[] problems =
        [
            .. tags.Count > MaxCount ? [$"expected at most {MaxCount}, got {tags.Count}"] : Array.Empty<string>(),
            .. tags.Where(tag => !IsTag(tag)).Take(1).Select(tag => $"expected 1 to {MaxLength} letters each, no commas and no blanks around them, got '{Shown(tag)}'"),
        ];
        return [.. problems.Select(problem => new SpecProblem("Tags", problem))];
    }

    private static bool IsTag(string? tag) =>
        tag is { Length: >= 1 and <= MaxLength } && tag.Trim().Length == tag.Length && !tag.Any(letter => letter == ',' || char.IsControl(letter) || char.IsSurrogate(letter));

    private static string Shown(string? tag) => new([.. (tag ?? "").Take(MaxLength).Select(letter => char.IsControl(letter) || char.IsSurrogate(letter) ? '?' : letter)]);
}
