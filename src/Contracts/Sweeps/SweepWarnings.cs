using System.Globalization;

namespace Lcnn.Distributed.Contracts.Sweeps;

/// <summary>What a valid sweep may do and its author hardly means.</summary>
internal static class SweepWarnings
{
    public static IReadOnlyList<string> Of(SweepSpec spec) => spec.Scheduler.Kind == "asha" ? [.. OfRungs(spec)] : [];

    private static IEnumerable<string> OfRungs(SweepSpec spec)
    {
        var rungs = AshaRungs.Of(spec);
        var needed = Math.Pow(spec.Scheduler.Reduction, rungs.Count - 1);
        if (spec.PlannedTrials() is { } planned && planned < needed)
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"scheduler 'asha' has rungs at {string.Join(", ", rungs)} epochs and lets 1 in {spec.Scheduler.Reduction} go on from each, so that it takes {needed} trials "
                + $"for one to be trained to its end, and {planned} are planned; raise maxTrials or scheduler.minEpochs");
        }
    }
}
