using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Lcnn.Distributed.Data.Checkpoints;

/// <summary>The name of a snapshot's folder: step-N.gG.ID with step N, generation G and a random ID of eight hexadecimal digits.</summary>
/// <remarks>Names order by step, then generation, then ID.</remarks>
public readonly partial record struct SnapshotName(long Step, int Generation, string Id)
{
    /// <summary>A name that no other writer chooses.</summary>
    public static SnapshotName New(long step, int generation) =>
        new(step, generation, RandomNumberGenerator.GetHexString(8, lowercase: true));

    /// <summary>Reads a folder's name; false for any other text.</summary>
    public static bool TryParse(string? text, out SnapshotName name)
    {
        name = default;
        if (text is null || Pattern().Match(text) is not { Success: true } match
            || !long.TryParse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var step)
            || !int.TryParse(match.Groups[2].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var generation))
        {
            return false;
        }

        name = new SnapshotName(step, generation, match.Groups[3].Value);
        return true;
    }

    /// <summary>Negative when this name comes before <paramref name="other"/>.</summary>
    public int CompareTo(SnapshotName other) =>
        Step != other.Step ? Step.CompareTo(other.Step)
        : Generation != other.Generation ? Generation.CompareTo(other.Generation)
        : string.CompareOrdinal(Id, other.Id);

    /// <summary>The folder's name, such as <c>step-12.g1.9f3c</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"step-{Step}.g{Generation}.{Id}");

    [GeneratedRegex(@"\Astep-(0|[1-9][0-9]*)\.g(0|[1-9][0-9]*)\.([0-9a-f]{8})\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
