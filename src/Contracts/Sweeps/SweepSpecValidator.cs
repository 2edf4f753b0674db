using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Contracts.Sweeps;

/// <summary>Checks a <see cref="SweepSpec"/> without a cluster at hand. Paths are those of a sweep file.</summary>
internal static class SweepSpecValidator
{
    /// <summary>Trials that one sweep may have, and cells of a grid.</summary>
    public const int MaxTrials = 10_000;

    private const int MaxConcurrent = 1000;
    private const int MaxGoals = 4;

    public static IReadOnlyList<SpecProblem> Validate(SweepSpec spec, KnownNames names)
    {
        var problems = new ProblemList();
        CheckBase(spec, problems, names);
        ParameterValidator.Check(spec, problems, names);
        CheckSampler(spec, problems);
        CheckScheduler(spec, problems);
        CheckGoals(spec, problems);
        CheckLimits(spec, problems);
        if (problems.All.Count == 0)
        {
            TrialSpecValidator.Check(spec, problems, names);
        }

        return problems.All;
    }

    private static void CheckBase(SweepSpec spec, ProblemList problems, KnownNames names)
    {
        foreach (var name in (spec.BaseOptions ?? []).Where(name => RunSpecOptions.Find(name) is null))
        {
            problems.Known($"base.{name}", "run option", name, RunSpecOptions.AllNames);
        }

        foreach (var problem in spec.Base.Validate(names))
        {
            problems.Add(PathOf(problem.Field), problem.Message);
        }

        if (spec.Base.ResumeFrom is { } folder)
        {
            problems.Add("base", $"expected a run that starts afresh, got one that resumes from '{folder}'");
        }
    }

    private static void CheckSampler(SweepSpec spec, ProblemList problems)
    {
        problems.Known("sampler.kind", "sampler", spec.Sampler.Kind, SweepNames.Samplers);
        problems.Within("sampler.startupTrials", spec.Sampler.StartupTrials, 1, MaxTrials);
        problems.Within("sampler.candidates", spec.Sampler.Candidates, 1, MaxTrials);
    }

    private static void CheckScheduler(SweepSpec spec, ProblemList problems)
    {
        var scheduler = spec.Scheduler;
        var known = problems.Known("scheduler.kind", "scheduler", scheduler.Kind, SweepNames.Schedulers);
        problems.Within("scheduler.reduction", scheduler.Reduction, 2, 100);
        problems.Within("scheduler.minEpochs", scheduler.MinEpochs, 1, int.MaxValue);
        problems.Within("scheduler.maxEpochs", scheduler.MaxEpochs, 1, int.MaxValue);
        problems.Within("scheduler.startupTrials", scheduler.StartupTrials, 1, MaxTrials);
        var variesEpochs = spec.Parameters.Any(parameter => parameter.Name == "epochs");
        if (variesEpochs && (scheduler.Kind == "asha" || scheduler.MaxEpochs is not null))
        {
            problems.Add("parameters.epochs", "the scheduler decides how many epochs a trial makes; leave out this parameter, or scheduler.maxEpochs and 'asha'");
        }

        if (scheduler.Kind == "asha" && !variesEpochs && scheduler.MinEpochs >= spec.TrialEpochs())
        {
            problems.Add("scheduler.minEpochs",
                $"expected fewer than the {spec.TrialEpochs()} epochs of a trial, got {scheduler.MinEpochs}: there is no rung to stop at; lower it or raise base.epochs");
        }

        if (known && scheduler.Kind != "none" && spec.Goals is [{ } goal, ..] && SweepNames.Metrics.Contains(goal.Metric)
            && !SweepNames.EpochMetrics.Contains(goal.Metric))
        {
            problems.Add("goal[0]", $"scheduler '{scheduler.Kind}' goes by the first goal, and '{goal.Metric}' is not known before a trial's end; put one of {string.Join(", ", SweepNames.EpochMetrics)} first");
        }
    }

    private static void CheckGoals(SweepSpec spec, ProblemList problems)
    {
        if (spec.Goals.Count is 0 or > MaxGoals)
        {
            problems.Add("goal", $"expected one to {MaxGoals} goals, got {spec.Goals.Count}");
        }

        for (var i = 0; i < spec.Goals.Count; i++)
        {
            var (path, goal) = ($"goal[{i}]", spec.Goals[i]);
            if (problems.Known(path, "metric", goal.Metric, SweepNames.Metrics) && SweepNames.CurvatureMetrics.Contains(goal.Metric)
                && spec.Base.CurvatureSamples == 0 && !spec.Parameters.Any(parameter => parameter.Name == "curvatureSamples"))
            {
                problems.Add(path, $"'{goal.Metric}' is measured only with base.curvatureSamples above 0");
            }
        }

        foreach (var twice in spec.Goals.GroupBy(goal => goal.Metric).Where(group => group.Count() > 1))
        {
            problems.Add("goal", $"the metric '{twice.Key}' is given {twice.Count()} times");
        }
    }

    private static void CheckLimits(SweepSpec spec, ProblemList problems)
    {
        if (spec.OutputDirectory.Contains('\0'))
        {
            problems.Add("out", "expected a path, got a text with a zero byte");
        }

        problems.Within("maxTrials", spec.MaxTrials, 1, MaxTrials);
        problems.Within("maxConcurrent", spec.MaxConcurrent, 1, MaxConcurrent);
        problems.Within("maxEpochs", spec.MaxEpochs, 1);
        problems.Within("maxRetries", spec.MaxRetries, 0, 100);
        problems.Duration("maxDuration", spec.MaxDuration);
        problems.Duration("maxTrialDuration", spec.MaxTrialDuration);
        if (spec.MaxTrials is null && (spec.Sampler.Kind is "random" or "tpe"))
        {
            problems.Add("maxTrials", $"expected a number of trials: sampler '{spec.Sampler.Kind}' never ends by itself");
        }
    }

    private static string PathOf(string field) => $"base.{RunSpecOptions.OfField(field)?.Name ?? field}";
}
