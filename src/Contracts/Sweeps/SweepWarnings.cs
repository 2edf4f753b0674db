using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Contracts.Sweeps;

/// <summary>What a valid sweep may do and its author hardly means.</summary>
public static class SweepWarnings
{
    private const string SameResult = "with the same result, bit for bit";

    /// <summary>All of a sweep.</summary>
    public static IReadOnlyList<string> Of(SweepSpec spec) => [.. OfRungs(spec), .. OfTpe(spec), .. OfRepeats(spec)];

    private static IEnumerable<string> OfRungs(SweepSpec spec)
    {
        if (spec.Scheduler.Kind != "asha")
        {
            yield break;
        }

        var rungs = AshaRungs.Of(spec);
        var needed = Math.Pow(spec.Scheduler.Reduction, rungs.Count - 1);
        if (spec.PlannedTrials() is { } planned && planned < needed)
        {
            yield return string.Create(NumberText.Plain,
                $"scheduler 'asha' has rungs at {string.Join(", ", rungs)} epochs and lets 1 in {spec.Scheduler.Reduction} go on from each, so that it takes {needed} trials "
                + $"for one to be trained to its end, and {planned} are planned; raise maxTrials or scheduler.minEpochs");
        }
    }

    private static IEnumerable<string> OfTpe(SweepSpec spec)
    {
        if (spec.Sampler.Kind != "tpe" || spec.MaxTrials is not { } most)
        {
            yield break;
        }

        if (spec.MaxConcurrent >= most)
        {
            yield return $"sampler 'tpe' learns from earlier trials, and with maxConcurrent {spec.MaxConcurrent} every one of the {most} begins before any has ended: "
                + "all are random; lower maxConcurrent or raise maxTrials";
        }
        else if (most - (spec.Scheduler.Kind == "none" ? spec.MaxConcurrent : 1) < spec.Sampler.StartupTrials)
        {
            yield return $"sampler 'tpe' learns once {spec.Sampler.StartupTrials} trials have ended, and of {most} trials with maxConcurrent {spec.MaxConcurrent} none begins after that: "
                + "all are random; lower sampler.startupTrials or raise maxTrials";
        }
    }

    private static IEnumerable<string> OfRepeats(SweepSpec spec)
    {
        if (spec.Parameters.Count + spec.Trials.Count == 0 || spec.PlannedTrials() is not { } planned)
        {
            yield break;
        }

        if (spec.KnownTrials() is not { } known)
        {
            foreach (var warning in OfDraws(spec, planned))
            {
                yield return warning;
            }

            yield break;
        }

        var cells = known.Take(planned).ToList();
        var first = new Dictionary<RunSpec, int>();
        var repeats = cells.Index().Where(cell => !first.TryAdd(TrialConfiguration.Of(spec, cell.Item), cell.Index)).ToList();
        if (repeats is [var (index, cell), ..])
        {
            var original = first[TrialConfiguration.Of(spec, cell)];
            yield return $"{repeats.Count} of {planned} trials repeat another, {SameResult}: trial {index + 1} ({cell}) is trial {original + 1} ({cells[original]}) again; "
                + "leave a value out, or give a parameter that means nothing there a 'when'";
        }
    }

    /// <summary>Of draws out of few configurations, those that must repeat another, or most likely do.</summary>
    public static IEnumerable<string> OfDraws(SweepSpec spec, int draws)
    {
        if (!spec.Parameters.All(ParameterPoints.IsCountable) || spec.Parameters.Any(parameter => ParameterPoints.CountOf(parameter) > SweepSpecValidator.MaxTrials))
        {
            yield break;
        }

        // more cells than a sweep may have trials are hardly ever drawn twice
        var cells = new SearchSpace(spec.Parameters).Cells().Take(SweepSpecValidator.MaxTrials + 1).ToList();
        if (cells.Count > SweepSpecValidator.MaxTrials)
        {
            yield break;
        }

        var (sampler, configurations) = (spec.Sampler.Kind, cells.Select(cell => TrialConfiguration.Of(spec, cell)).Distinct().Count());
        var expected = draws - (configurations * (1 - Math.Pow(1 - (1.0 / configurations), draws))); // with replacement
        if (draws > configurations)
        {
            yield return $"sampler '{sampler}' draws {draws} trials out of {configurations} that differ: at least {draws - configurations} repeat another, {SameResult}; "
                + "use sampler 'grid', or lower maxTrials";
        }
        else if (sampler == "random" && expected >= 1)
        {
            yield return $"sampler 'random' draws {draws} trials out of {configurations} that differ: about {expected:0} repeat another, {SameResult}; "
                + "use sampler 'grid', or raise the number of values";
        }
    }
}
