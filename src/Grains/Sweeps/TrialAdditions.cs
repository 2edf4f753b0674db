using Lcnn.Distributed.Contracts.Cluster;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.Grains.Sweeps;

/// <summary>Checks trials that somebody adds to a sweep.</summary>
internal static class TrialAdditions
{
    private const int Most = 10_000;

    public static IReadOnlyList<SpecProblem> Check(SweepBoard board, AddTrials request, IReadOnlyList<SiloReport> silos)
    {
        var problems = new List<SpecProblem>();
        if (request.Count is < 0 or > Most || request.Parameters.Count > Most || request.Count + request.Parameters.Count == 0)
        {
            problems.Add(new SpecProblem("count", $"expected 1 to {Most} trials, got {request.Count + request.Parameters.Count}"));
        }

        if (board.Sampler.TrialCount is { } most && request.Count > most - board.PlannedDraws)
        {
            problems.Add(new SpecProblem("count", $"sampler '{board.Spec.Sampler.Kind}' has {most} trials, of which {board.PlannedDraws} are planned: expected at most {most - board.PlannedDraws} more, got {request.Count}; start another sweep with more points"));
        }

        var number = board.Trials.Count;
        foreach (var parameters in request.Parameters.Take(Most))
        {
            number++;
            foreach (var twice in parameters.GroupBy(item => item.Key).Where(group => group.Count() > 1))
            {
                problems.Add(new SpecProblem(twice.Key, $"trial {number}: given {twice.Count()} times"));
            }

            foreach (var (name, value) in parameters)
            {
                if (RunSpecOptions.Find(name) is not { IsSweepable: true } option)
                {
                    problems.Add(new SpecProblem(name, $"trial {number}: expected a run option that may differ between trials"));
                }
                else if (option.Convert(value, KnownNames.OfAnyCluster).Problem is { } problem)
                {
                    problems.Add(new SpecProblem(name, $"trial {number}: {problem}"));
                }
            }

            if (problems.Count == 0)
            {
                problems.AddRange(board.Spec.ValidateTrial(parameters));
                problems.AddRange(SweepAdmission.CheckSlots(board.Spec, board.Spec.SpecOf(number, parameters).Workers, silos) is { } tooLarge ? [tooLarge] : []);
            }
        }

        return problems;
    }

    /// <summary>What is granted and hardly meant: trials that are there already.</summary>
    public static IEnumerable<string> Warn(SweepBoard board, AddTrials request)
    {
        var known = new Dictionary<RunSpec, string>();
        foreach (var trial in board.Entries.Where(trial => trial.State != TrialState.Failed))
        {
            known.TryAdd(TrialConfiguration.Of(board.Spec, trial.Parameters), $"trial {trial.Number}");
        }

        if (board.Sampler is ListSampler list)
        {
            foreach (var cell in Enumerable.Range(1, board.PlannedDraws).Select(draw => list.Sample(0, draw, [])))
            {
                known.TryAdd(TrialConfiguration.Of(board.Spec, cell), board.Spec.Sampler.Kind == "grid" ? $"a cell of the grid ({cell})" : $"one of the list ({cell})");
            }
        }

        foreach (var (index, parameters) in request.Parameters.Index())
        {
            var name = $"trial {board.Trials.Count + index + 1}";
            if (!known.TryAdd(TrialConfiguration.Of(board.Spec, parameters), name))
            {
                yield return $"{name} ({parameters}) is {known[TrialConfiguration.Of(board.Spec, parameters)]} again, with the same result, bit for bit";
            }
        }

        if (board.Sampler is not ListSampler && request.Count > 0)
        {
            foreach (var warning in SweepWarnings.OfDraws(board.Spec, board.PlannedDraws + request.Count))
            {
                yield return warning;
            }
        }
    }
}
