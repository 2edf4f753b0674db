using System.Security.Cryptography;
using System.Text;

namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>What a run takes from the one whose snapshot it goes on from.</summary>
public static class ResumedSpecs
{
    // A step, or the tensors of a snapshot, would be something else under others.
    private static readonly HashSet<string> _fixed =
    [
        nameof(RunSpec.Dataset), nameof(RunSpec.Architecture), nameof(RunSpec.Network), nameof(RunSpec.NetworkParameters), nameof(RunSpec.Loss), nameof(RunSpec.BatchSize), nameof(RunSpec.LogicalShards), nameof(RunSpec.Seed),
        nameof(RunSpec.TrainLimit), nameof(RunSpec.SpectralGrid), nameof(RunSpec.RunningStatistics), nameof(RunSpec.BatchNorm),
        nameof(RunSpec.ImageSize), nameof(RunSpec.Grayscale), nameof(RunSpec.Normalize), nameof(RunSpec.Split), nameof(RunSpec.SplitSeed), nameof(RunSpec.SkipBad),
        nameof(RunSpec.Optimizer), nameof(RunSpec.EmaDecay),
    ];

    private static readonly HashSet<string> _withoutEffect =
    [
        nameof(RunSpec.DataDirectory), nameof(RunSpec.Preset), nameof(RunSpec.Workers), nameof(RunSpec.ThreadsPerWorker), nameof(RunSpec.Transport),
        nameof(RunSpec.AllowMixed), nameof(RunSpec.BucketMegabytes), nameof(RunSpec.SnapshotEvery), nameof(RunSpec.KeepSnapshots),
    ];

    /// <summary>The whole spec that a snapshot was made under, without what concerned that run alone: its folders, and where a sweep had it pause.</summary>
    public static RunSpec Inherit(RunSpec made)
    {
        ArgumentNullException.ThrowIfNull(made);
        return made with { PauseAfterEpoch = 0, ResumeFrom = null, OutputDirectory = "" };
    }

    /// <summary>The options in which a run differs from the one it goes on from, in the order of the command line's help.</summary>
    public static IReadOnlyList<SpecDifference> Differences(RunSpec made, RunSpec now) =>
    [
        .. RunSpecOptions.All.Append(RunSpecOptions.Network)
            .Select(option => new SpecDifference(
                option.Name, option.Get(made), option.Get(now),
                _fixed.Contains(option.Field) && !IsMoved(option.Field, made, now), !_withoutEffect.Contains(option.Field) && !IsMoved(option.Field, made, now)))
            .Where(difference => difference.Made != difference.Now),
    ];

    // Whether they are the same images is seen when they are read: a snapshot knows their hash.
    private static bool IsMoved(string field, RunSpec made, RunSpec now) =>
        field == nameof(RunSpec.Dataset) && Names.IsDatasetPath(made.Dataset) && Names.IsDatasetPath(now.Dataset);
}

/// <summary>One option in which a run differs from the one it goes on from.</summary>
/// <param name="Name">Of the option, as in sweep files.</param>
/// <param name="Made">Its value when the snapshot was made; null where it was left open.</param>
/// <param name="Now">Its value now.</param>
/// <param name="IsFixed">Whether the snapshot means nothing under another value.</param>
/// <param name="ChangesResult">Whether it decides the result.</param>
public sealed record SpecDifference(string Name, OptionValue? Made, OptionValue? Now, bool IsFixed, bool ChangesResult)
{
    /// <summary>The option as it is typed.</summary>
    public string Switch => "--" + string.Concat(Name.Select(letter => char.IsAsciiLetterUpper(letter) ? $"-{char.ToLowerInvariant(letter)}" : $"{letter}"));

    /// <summary>Then and now, in a line.</summary>
    public override string ToString() => $"{Switch}: {Text(Made)} in the snapshot, {Text(Now)} now";

    /// <summary>What a refusal says of it.</summary>
    public string Objection => $"{Switch} was {Text(Made)}, now {Text(Now)}";

    // A network's description is too long to be told.
    private static string Text(OptionValue? value) => value?.ToString() is not { } text ? "not given"
        : text.Length <= MaxText ? text
        : $"{text[..MaxText]}... (SHA-256 {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..8]})";

    private const int MaxText = 80;
}
