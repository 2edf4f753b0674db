using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Networks;

namespace Lcnn.Distributed.Contracts.Sweeps;

/// <summary>Checks the parameters of a sweep: each alone, their conditions, and the size of the grid.</summary>
internal sealed class ParameterValidator
{
    private const int MaxParameters = 64;
    private const int MaxPoints = 1000;
    private const double MaxWhole = 1L << 53; // there, whole numbers that differ begin to be the same double

    private readonly SweepSpec _spec;
    private readonly ProblemList _problems;
    private readonly KnownNames _names;

    private ParameterValidator(SweepSpec spec, ProblemList problems, KnownNames names) => (_spec, _problems, _names) = (spec, problems, names);

    public static void Check(SweepSpec spec, ProblemList problems, KnownNames names) => new ParameterValidator(spec, problems, names).Check();

    private void Check()
    {
        if (_spec.Sampler.Kind == "list")
        {
            CheckList();
            return;
        }

        if (_spec.Trials.Count > 0)
        {
            _problems.Add("trials", "are those of sampler 'list'; give 'sampler: list' and leave out 'parameters', or leave out 'trials'");
        }

        if (_spec.Parameters.Count is 0 or > MaxParameters)
        {
            _problems.Add("parameters", $"expected 1 to {MaxParameters} parameters, got {_spec.Parameters.Count}");
        }

        var before = _problems.All.Count;
        var unsound = new HashSet<string>();
        foreach (var parameter in _spec.Parameters)
        {
            var known = _problems.All.Count;
            CheckOne(parameter);
            if (_problems.All.Count > known)
            {
                unsound.Add(parameter.Name);
            }
        }

        foreach (var twice in _spec.Parameters.GroupBy(parameter => parameter.Name).Where(group => group.Count() > 1))
        {
            _problems.Add(PathOf(twice.First()), $"given {twice.Count()} times");
        }

        new ParameterConditions(_spec.Parameters, _problems).Check(unsound);
        if (_spec.Sampler.Kind == "grid" && _problems.All.Count == before)
        {
            CheckGrid();
        }
    }

    private void CheckList()
    {
        if (_spec.Parameters.Count > 0)
        {
            _problems.Add("parameters", "sampler 'list' has trials of its own; leave out 'parameters', or take another sampler");
        }

        if (_spec.Trials.Count is 0 or > SweepSpecValidator.MaxTrials)
        {
            _problems.Add("trials", $"expected 1 to {SweepSpecValidator.MaxTrials} trials, got {_spec.Trials.Count}");
            return;
        }

        foreach (var (index, trial) in _spec.Trials.Index())
        {
            foreach (var twice in trial.CountBy(item => item.Key).Where(count => count.Value > 1))
            {
                _problems.Add($"trials[{index}].{twice.Key}", $"given {twice.Value} times");
            }

            foreach (var (name, value) in trial)
            {
                CheckGiven($"trials[{index}].{name}", name, value);
            }
        }
    }

    private void CheckGiven(string path, string name, OptionValue value)
    {
        if (FindOption(path, name) is { } option && option.Convert(value, _names).Problem is { } problem)
        {
            _problems.Add(path, problem);
        }
    }

    // Null where it is none that trials may differ in, which is a problem.
    private RunSpecOption? FindOption(string path, string name)
    {
        if (RunSpecOptions.Find(name) is not { } option)
        {
            _problems.Add(path, $"expected a run option, got '{name}'{Spelling.Hint(name, RunSpecOptions.AllNames)}");
            return null;
        }

        if (!option.IsSweepable)
        {
            _problems.Add(path, "cannot differ between trials; set it in base");
            return null;
        }

        return option;
    }

    private void CheckOne(ParameterSpec parameter)
    {
        if (FindOption(PathOf(parameter), parameter.Name) is not { } option)
        {
            return;
        }

        if (parameter.Kind == ParameterKind.Values)
        {
            CheckValues(parameter, option);
        }
        else
        {
            CheckRange(parameter, option);
        }
    }

    private void CheckValues(ParameterSpec parameter, RunSpecOption option)
    {
        var path = $"{PathOf(parameter)}.values";
        if (parameter.Values.Count is 0 or > MaxPoints)
        {
            _problems.Add(path, $"expected 1 to {MaxPoints} values, got {parameter.Values.Count}");
        }

        for (var i = 0; i < parameter.Values.Count; i++)
        {
            var value = parameter.Values[i];
            if (option.Convert(value, _names).Problem is { } problem)
            {
                _problems.Add($"{path}[{i}]", problem);
            }
            else if (parameter.Values.Take(i).Any(earlier => SearchSpace.IsSame(earlier, value)))
            {
                _problems.Add($"{path}[{i}]", $"the value {value} is given twice");
            }
        }

        if (parameter.Step is not null || parameter.Count is not null || parameter.IsLog)
        {
            _problems.Add(PathOf(parameter), "step, count and log belong to a range, not to values");
        }
    }

    private void CheckRange(ParameterSpec parameter, RunSpecOption option)
    {
        var path = $"{PathOf(parameter)}.{FileKeyOf(parameter.Kind)}";
        if (option.Kind is OptionKind.Text or OptionKind.Flag || (option.Kind == OptionKind.Whole && parameter.Kind != ParameterKind.Whole))
        {
            _problems.Add(path, option.Kind == OptionKind.Whole ? $"{option.Name} takes whole numbers; use 'int'" : $"{option.Name} takes no numbers; use 'values'");
            return;
        }

        if (!(parameter.Low < parameter.High) || !double.IsFinite(parameter.High - parameter.Low))
        {
            _problems.Add(path, Say($"expected a finite lower bound below a finite upper one, got [{parameter.Low}, {parameter.High}]"));
            return;
        }

        if ((parameter.Kind == ParameterKind.LogRange || parameter.IsLog) && parameter.Low <= 0)
        {
            _problems.Add(path, Say($"expected a lower bound above 0, which a logarithmic scale needs, got {parameter.Low}"));
            return;
        }

        if (parameter.Kind == ParameterKind.Whole && (!IsWhole(parameter.Low) || !IsWhole(parameter.High) || !IsWhole(parameter.Step ?? 1)))
        {
            _problems.Add(path, Say($"expected whole numbers up to 2^53, got [{parameter.Low}, {parameter.High}]{(parameter.Step is { } step ? Say($" with step {step}") : "")}"));
            return;
        }

        foreach (var bound in new[] { parameter.Low, parameter.High })
        {
            if (option.Convert(parameter.Kind == ParameterKind.Whole ? OptionValue.FromInt64((long)bound) : OptionValue.FromDouble(bound)).Problem is { } problem)
            {
                _problems.Add(path, problem);
            }
        }

        CheckPoints(parameter);
    }

    private void CheckPoints(ParameterSpec parameter)
    {
        var path = PathOf(parameter);
        if (parameter.Step is { } step)
        {
            if (parameter.Count is not null)
            {
                _problems.Add(path, "expected step or count, got both");
            }
            else if (parameter.Kind == ParameterKind.LogRange || parameter.IsLog)
            {
                _problems.Add($"{path}.step", "a logarithmic scale has no step; use count");
            }
            else if (!(step > 0 && step <= parameter.High - parameter.Low))
            {
                _problems.Add($"{path}.step", Say($"expected a number above 0 up to {DecimalNumber.Of(parameter.High) - DecimalNumber.Of(parameter.Low)}, the width of the range, got {step}"));
            }
            else if (ParameterPoints.CountOf(parameter) > MaxPoints)
            {
                _problems.Add($"{path}.step", Say($"expected at most {MaxPoints} points, got {ParameterPoints.CountOf(parameter)}; use a larger step"));
            }
        }
        else if (parameter.Count is { } count)
        {
            var most = parameter.Kind == ParameterKind.Whole ? Math.Min(MaxPoints, parameter.High - parameter.Low + 1) : MaxPoints;
            if (count < 2 || count > most)
            {
                _problems.Add($"{path}.count", Say($"expected 2 to {most} points, got {count}"));
            }
        }

        if (parameter.IsLog && parameter.Kind != ParameterKind.Whole)
        {
            _problems.Add(path, "log belongs to 'int'; use 'logRange'");
        }
    }

    private void CheckGrid()
    {
        var continuous = _spec.Parameters.Where(parameter => !ParameterPoints.IsCountable(parameter)).ToArray();
        foreach (var parameter in continuous)
        {
            _problems.Add(PathOf(parameter), "a grid needs points: add 'count' or 'step', or use sampler 'random' or 'tpe'");
        }

        foreach (var parameter in _spec.Parameters.Except(continuous).Where(parameter => ParameterPoints.CountOf(parameter) > MaxPoints))
        {
            _problems.Add(PathOf(parameter), Say($"expected at most {MaxPoints} points in a grid, got {ParameterPoints.CountOf(parameter)}; add 'count' or 'step'"));
            return;
        }

        if (continuous.Length == 0 && new SearchSpace(_spec.Parameters).Cells().Skip(SweepSpecValidator.MaxTrials).Any())
        {
            _problems.Add("parameters", $"expected a grid of at most {SweepSpecValidator.MaxTrials} cells, got more; use fewer points, or sampler 'random' or 'tpe'");
        }
    }

    private static bool IsWhole(double number) => Math.Abs(number) < MaxWhole && number == Math.Floor(number);

    private static string PathOf(ParameterSpec parameter) => $"parameters.{parameter.Name}";

    private static string FileKeyOf(ParameterKind kind) => kind switch
    {
        ParameterKind.Range => "range",
        ParameterKind.LogRange => "logRange",
        _ => "int",
    };

    private static string Say(FormattableString message) => message.ToString(NumberText.Plain);
}
