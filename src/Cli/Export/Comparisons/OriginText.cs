using Lcnn.Distributed.Cli.Comparisons;
using Lcnn.Distributed.Cli.Display;

namespace Lcnn.Distributed.Cli.Export.Comparisons;

/// <summary>What was run, in words.</summary>
internal static class OriginText
{
    /// <summary>Name and value.</summary>
    public static IEnumerable<(string Name, string Value)> Pairs(Comparison comparison)
    {
        var origin = comparison.Origin;
        yield return ("command", origin.Command);
        yield return ("version", origin.Version);
        yield return ("network", $"{origin.Network} on {origin.Dataset}, {Format.Counted(origin.Epochs, "epoch")}");
        if (origin.Attacks is { } attacks)
        {
            yield return ("attacks", attacks);
        }

        yield return ("took", $"{Format.Duration(TimeSpan.FromSeconds(origin.Seconds))} on {origin.Machine}");
        foreach (var trial in comparison.Trials.Where(trial => trial.Error is not null))
        {
            yield return ($"trial {trial.Number}", $"{trial.Method}, seed {trial.Seed}: {trial.Error}");
        }
    }

    /// <summary>A line each.</summary>
    public static IEnumerable<string> Lines(Comparison comparison) =>
        Pairs(comparison).Select(pair => $"{pair.Name}: {pair.Value}").Append("mean ± standard deviation over seeds");
}
