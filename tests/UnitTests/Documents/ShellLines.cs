using System.Text.RegularExpressions;

namespace Lcnn.Distributed.UnitTests.Documents;

/// <summary>What a page tells people to type.</summary>
internal static partial class ShellLines
{
    /// <summary>The lines of a page's blocks for a shell: without comments and what may be left out, of words such as pause|stop the first.</summary>
    public static IReadOnlyList<string> Of(string page) =>
    [
        .. from block in Block().Matches(page)
           from line in block.Groups[1].Value.Replace("\\\n", " ", StringComparison.Ordinal).Split('\n')
           let typed = Alternatives().Replace(Comment().Replace(Optional().Replace(line, ""), ""), " $1").Trim()
           where typed.Length > 0
           select typed,
    ];

    [GeneratedRegex(@"^```(?:sh|bash)?\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Block();

    [GeneratedRegex(@"(^|\s)#\s.*$")]
    private static partial Regex Comment();

    [GeneratedRegex(@"\s\[[^\]]*\]")]
    private static partial Regex Optional();

    [GeneratedRegex(@"\s([a-z]+)\|[a-z|]+(?=\s|$)")]
    private static partial Regex Alternatives();
}
