using System.CommandLine;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary>Attacks, certificates and noise: the options of <c>lcnn eval</c>, and under longer names of <c>lcnn train</c>.</summary>
internal sealed class RobustnessSwitches
{
    private readonly Option<string> _attacks;
    private readonly Option<bool> _certify;
    private readonly Option<bool>? _robustness; // turns noise on where norms have a default
    private readonly Option<string> _norm;
    private readonly Option<string> _epsilons;
    private readonly Option<string> _steps;
    private readonly Option<string> _restarts;
    private readonly Option<string> _samples;
    private readonly Option<string> _attackSamples;
    private readonly Option<string> _noise;

    private RobustnessSwitches(bool isTraining, string usualAttacks = "none")
    {
        var prefix = isTraining ? "--eval-" : "--";
        Option<string> Value(string name, string helpName, string description) => CommonOptions.Value(prefix + name, helpName, description);
        var (known, ensemble) = (string.Join(", ", EvaluationNames.Attacks), EvaluationNames.Ensemble);
        var (when, onNoise) = isTraining ? (" at the end", $"{prefix}noise") : ("", "--robustness");
        _attacks = Value("attacks", "names", isTraining
            ? $"Attack test samples at the end, as a list out of {known}. Default: none"
            : $"Attack test samples, as a list out of {known}; without a value: {ensemble}, its standard ensemble. Default: {usualAttacks}");
        _certify = CommonOptions.Flag("--certify", $"Bound the network{when}, and certify l2 radii within which no test sample's class changes. Default: no");
        _robustness = isTraining ? null : CommonOptions.Flag("--robustness", "Compare gradients of test samples with those under noise. Default: no");
        _norm = Value("norm", "name", $"Norm of {prefix}{(isTraining ? "epsilons" : "eps")}: {string.Join(" or ", EvaluationNames.Norms)}. Default: l2");
        _epsilons = Value(isTraining ? "epsilons" : "eps", "list", "Largest perturbations of pixels in [0, 1], ascending, such as 0.25,0.5 or 8/255. Default: 0.1,0.2,0.3 for l2, 2/255,4/255,8/255 for linf");
        _samples = Value("samples", "n", $"Test samples that {prefix}attacks, --certify and {onNoise} take, from the first on. Default: {new RunSpec().EvalSamples}");
        _attackSamples = Value("attack-samples", "n", $"Test samples that are attacked, if not as many as {prefix}samples. Default: as {prefix}samples");
        _steps = Value(isTraining ? "steps" : "attack-steps", "n", "Steps of each attack, queries of square alone. Default: each attack's own (docs/science.md)");
        _restarts = Value("restarts", "n", $"Random starts of {string.Join(", ", EvaluationNames.AttacksWithRestarts)}. Default: 1");
        _noise = Value("noise", "list", isTraining
            ? "Compare gradients of test samples at the end with those under noise of these l2 norms, in the units of what the network is given, such as 0.05,0.1. Default: none"
            : $"l2 norms of the noise of --robustness, in the units of what the network is given. Default: {EvaluationNames.UsualNoise}");
    }

    /// <summary>Those of <c>lcnn eval</c>.</summary>
    public static RobustnessSwitches OfEvaluation() => new(isTraining: false);

    /// <summary>Those of <c>lcnn compare</c>, which attacks without being asked.</summary>
    public static RobustnessSwitches OfComparison() => new(isTraining: false, EvaluationNames.Ensemble);

    /// <summary>Those of <c>lcnn train</c>.</summary>
    public static RobustnessSwitches OfTraining() => new(isTraining: true);

    /// <summary>All of them, in the order of the help text.</summary>
    public IEnumerable<Option> All =>
        [.. new Option?[] { _robustness, _noise, _attacks, _norm, _epsilons, _steps, _restarts, _certify, _samples, _attackSamples }.OfType<Option>()];

    /// <summary>The spec with what was asked for; a spec's own check finds what is wrong with it.</summary>
    public RunSpec Apply(ArgumentReader reader, RunSpec spec)
    {
        var attacks = _robustness is not null && reader.IsGiven(_attacks) && reader.OptionalText(_attacks) is null ? EvaluationNames.Ensemble : reader.Text(_attacks);
        var noise = reader.Text(_noise);
        spec = spec with
        {
            EvalAttacks = attacks ?? spec.EvalAttacks,
            EvalNorm = reader.Text(_norm) ?? spec.EvalNorm,
            EvalEpsilons = reader.Text(_epsilons) ?? spec.EvalEpsilons,
            EvalSteps = reader.WholeNumber(_steps, minimum: 1) ?? spec.EvalSteps,
            EvalRestarts = reader.WholeNumber(_restarts, minimum: 1) ?? spec.EvalRestarts,
            EvalSamples = reader.WholeNumber(_samples, minimum: 1) ?? spec.EvalSamples,
            EvalAttackSamples = reader.WholeNumber(_attackSamples, minimum: 1) ?? spec.EvalAttackSamples,
            Certify = reader.IsGiven(_certify) || spec.Certify,
            EvalNoise = noise ?? (_robustness is not null && reader.IsGiven(_robustness) ? EvaluationNames.UsualNoise : spec.EvalNoise),
        };
        RefuseWithout(reader, spec.EvalAttacks.Length > 0, _attacks.Name, _norm, _steps, _restarts, _attackSamples);
        RefuseWithout(reader, spec.EvalAttacks.Length > 0 || spec.Certify, $"{_attacks.Name} or {_certify.Name}", _epsilons);
        if (_robustness is not null)
        {
            RefuseWithout(reader, reader.IsGiven(_robustness), _robustness.Name, _noise);
        }

        RefuseWithout(reader, IsWanted(spec), WhatSamplesTake, _samples);
        return spec;
    }

    /// <summary>Whether a spec asks for anything of this.</summary>
    public static bool IsWanted(RunSpec spec) => spec.EvalAttacks.Length > 0 || spec.Certify || spec.EvalNoise.Length > 0;

    /// <summary>What takes samples and random numbers.</summary>
    public string WhatSamplesTake => $"{_attacks.Name}, {_certify.Name} or {(_robustness ?? (Option)_noise).Name}";

    /// <summary>Adds the problems of the fields that these options set.</summary>
    public void Check(ArgumentReader reader, RunSpec spec)
    {
        var options = new Dictionary<string, Option>
        {
            [nameof(RunSpec.EvalAttacks)] = _attacks,
            [nameof(RunSpec.EvalNorm)] = _norm,
            [nameof(RunSpec.EvalEpsilons)] = _epsilons,
            [nameof(RunSpec.EvalSteps)] = _steps,
            [nameof(RunSpec.EvalRestarts)] = _restarts,
            [nameof(RunSpec.EvalNoise)] = _noise,
        };
        foreach (var problem in spec.Validate())
        {
            if (options.TryGetValue(problem.Field, out var option))
            {
                reader.Add(option, problem.Message);
            }
        }
    }

    /// <summary>Refuses options that mean nothing without another.</summary>
    public static void RefuseWithout(ArgumentReader reader, bool isThere, string what, params Option[] options)
    {
        foreach (var option in options.Where(option => !isThere && reader.IsGiven(option)))
        {
            reader.Add(option, $"needs {what}");
        }
    }
}
