namespace Lcnn.Distributed.Networks;

/// <summary>What somebody may have meant.</summary>
public static class Spelling
{
    /// <summary>The known name closest to a mistyped one, or null when none is close.</summary>
    public static string? Closest(string name, IReadOnlyList<string> known) =>
        known.Select(candidate => (candidate, distance: Distance(name, candidate)))
            .Where(pair => pair.distance <= Math.Max(2, pair.candidate.Length / 3))
            .OrderBy(pair => pair.distance)
            .Select(pair => pair.candidate)
            .FirstOrDefault();

    /// <summary>The end of a refusal that proposes it; empty where nothing is close.</summary>
    public static string Hint(string name, IReadOnlyList<string> known) => Closest(name, known) is { } closest ? $"; did you mean '{closest}'?" : "";

    /// <summary>A refusal of a name that is not known, with what is and what may have been meant.</summary>
    /// <param name="what">What it should be the name of.</param>
    /// <param name="name">As given; null for none.</param>
    /// <param name="known">What is known.</param>
    public static string Unknown(string what, string? name, IReadOnlyList<string> known) =>
        $"unknown {what} '{name}', expected one of {string.Join(", ", known)}{Hint(name ?? "", known)}";

    private static int Distance(string left, string right)
    {
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var substitution = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substitution, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
