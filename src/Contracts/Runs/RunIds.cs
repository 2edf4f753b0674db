namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>Ids of runs and sweeps: they name folders, keys of stores and lines of logs, so they are plain.</summary>
public static class RunIds
{
    /// <summary>Most letters of one.</summary>
    public const int MaxLength = 128;

    /// <summary>Why a text is no id; null when it is.</summary>
    public static string? ProblemOf(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        return id.Length is >= 1 and <= MaxLength && char.IsAsciiLetterOrDigit(id[0]) && id.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.')
            ? null
            : $"expected 1 to {MaxLength} letters, digits, '-', '_' and '.', a letter or digit first";
    }
}
