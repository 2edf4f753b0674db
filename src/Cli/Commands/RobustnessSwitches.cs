using System.CommandLine;
using System.Globalization;
using Lcnn.Distributed.Model.Attacks;
using Lcnn.Distributed.Model.Robustness;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary>Attacks, certificates and noise: the options of <c>lcnn eval</c> that make a plan.</summary>
internal sealed class RobustnessSwitches
{
    private const int DefaultSamples = 100;
    private const string Ensemble = "autoattack";

    // Of RobustBench's size for Linf; images of 28 x 28 for l2.
    private static readonly double[] _l2 = [0.1, 0.2, 0.3];
    private static readonly double[] _linf = [2.0 / 255, 4.0 / 255, 8.0 / 255];
    private static readonly double[] _noise = [0.05, 0.1, 0.2, 0.5];

    private readonly Option<string> _attacks = CommonOptions.Value("--attacks", "names", $"Attack test samples, as a list out of {string.Join(", ", AttackPlan.Names)}; without a value: {Ensemble}, its standard ensemble. Default: none");
    private readonly Option<bool> _certify = CommonOptions.Flag("--certify", "Bound the network, and certify l2 radii within which no test sample's class changes. Default: no");
    private readonly Option<bool> _robustness = CommonOptions.Flag("--robustness", "Compare gradients of test samples with those under noise. Default: no");
    private readonly Option<string> _norm = CommonOptions.Value("--norm", "name", "Norm of --eps: l2 or linf. Default: l2");
    private readonly Option<string> _epsilons = CommonOptions.Value("--eps", "list", "Largest perturbations of pixels in [0, 1], ascending, such as 0.25,0.5 or 8/255. Default: 0.1,0.2,0.3 for l2, 2/255,4/255,8/255 for linf");
    private readonly Option<string> _samples = CommonOptions.Value("--samples", "n", $"Test samples that --attacks, --certify and --robustness take, from the first on. Default: {DefaultSamples}");
    private readonly Option<string> _attackSamples = CommonOptions.Value("--attack-samples", "n", "Test samples that are attacked, if not as many as --samples. Default: as --samples");
    private readonly Option<string> _steps = CommonOptions.Value("--attack-steps", "n", "Steps of each attack, queries of square alone. Default: each attack's own (docs/science.md)");
    private readonly Option<string> _restarts = CommonOptions.Value("--restarts", "n", $"Random starts of {string.Join(", ", AttackPlan.NamesWithRestarts)}. Default: 1");
    private readonly Option<string> _noiseNorms = CommonOptions.Value("--noise", "list", "l2 norms of the noise of --robustness, in the units of what the network is given. Default: 0.05,0.1,0.2,0.5");
    private readonly Option<string> _seed = CommonOptions.Value("--seed", "n", "Of attacks and noise. Default: as the run's");

    /// <summary>All of them, in the order of the help text.</summary>
    public IEnumerable<Option> All => [_robustness, _noiseNorms, _attacks, _norm, _epsilons, _steps, _restarts, _certify, _samples, _attackSamples, _seed];

    /// <summary>Of attacks and noise; null for the run's.</summary>
    public long? ReadSeed(ArgumentReader reader) => reader.LongNumber(_seed);

    /// <summary>What was asked for; null for nothing.</summary>
    public RobustnessPlan? Read(ArgumentReader reader)
    {
        var (certifies, compares, attacks) = (reader.IsGiven(_certify), reader.IsGiven(_robustness), ReadAttacks(reader));
        var (norm, samples) = (reader.Choice(_norm, ["l2", "linf"]), reader.WholeNumber(_samples, minimum: 1) ?? DefaultSamples);
        var attacked = reader.WholeNumber(_attackSamples, minimum: 1) ?? samples;
        var plan = new RobustnessPlan
        {
            Attacks = attacks,
            AttackSamples = attacks.Length > 0 ? attacked : 0,
            Norm = norm == "linf" ? AttackNorm.Linf : AttackNorm.L2,
            Epsilons = ReadAscending(reader, _epsilons) ?? (norm == "linf" ? _linf : _l2),
            Effort = ReadEffort(reader),
            CertifiedSamples = certifies ? samples : 0,
            NoisySamples = compares ? samples : 0,
            NoiseNorms = compares ? ReadAscending(reader, _noiseNorms) ?? _noise : [],
        };
        RefuseWithout(reader, attacks.Length > 0, "--attacks", _norm, _steps, _restarts, _attackSamples);
        RefuseWithout(reader, attacks.Length > 0 || certifies, "--attacks or --certify", _epsilons);
        RefuseWithout(reader, compares, "--robustness", _noiseNorms);
        RefuseWithout(reader, attacks.Length > 0 || certifies || compares, "--attacks, --certify or --robustness", _samples, _seed);
        RefuseContradictions(reader, plan, certifies);
        return attacks.Length > 0 || certifies || compares ? plan : null;
    }

    private string[] ReadAttacks(ArgumentReader reader)
    {
        if (!reader.IsGiven(_attacks))
        {
            return [];
        }

        string[] attacks = reader.OptionalText(_attacks) is null ? [Ensemble] : reader.List(_attacks, AttackPlan.Names) ?? [Ensemble];
        if (attacks.Distinct().Count() < attacks.Length)
        {
            reader.Add(_attacks, $"expected each attack once, got '{string.Join(',', attacks)}'");
        }

        return attacks;
    }

    private AttackEffort? ReadEffort(ArgumentReader reader)
    {
        var (steps, restarts) = (reader.WholeNumber(_steps, minimum: 1), reader.WholeNumber(_restarts, minimum: 1));
        return steps is null && restarts is null ? null : new AttackEffort(steps, restarts ?? 1);
    }

    private void RefuseContradictions(ArgumentReader reader, RobustnessPlan plan, bool certifies)
    {
        if (plan.Norm == AttackNorm.Linf && certifies)
        {
            reader.Add(_norm, "certified radii are l2: take --norm l2, or certify without --norm linf in a command of its own");
        }

        if (plan.Norm == AttackNorm.Linf && plan.Attacks.Contains("pgd-authors"))
        {
            reader.Add(_norm, "pgd-authors is an attack in l2: take pgd, or --norm l2");
        }

        if (plan.Attacks.Count > 0 && reader.IsGiven(_restarts) && !plan.Attacks.Intersect(AttackPlan.NamesWithRestarts).Any())
        {
            reader.Add(_restarts, $"none of the attacks has restarts: {string.Join(", ", AttackPlan.NamesWithRestarts)} have");
        }

        if (plan.Attacks.Count > 0 && reader.IsGiven(_steps) && !plan.Attacks.Except(AttackPlan.NamesWithoutSteps).Any())
        {
            reader.Add(_steps, $"{string.Join(", ", plan.Attacks)} makes one step");
        }
    }

    private static void RefuseWithout(ArgumentReader reader, bool isThere, string what, params Option[] options)
    {
        foreach (var option in options.Where(option => !isThere && reader.IsGiven(option)))
        {
            reader.Add(option, $"needs {what}");
        }
    }

    private static double[]? ReadAscending(ArgumentReader reader, Option<string> option)
    {
        var values = reader.List(option, Number, "numbers between commas such as 0.1,0.2 or 4/255,8/255");
        if (values is null || (values.All(value => value is > 0 and < 1e6) && values.Zip(values.Skip(1), (one, next) => one < next).All(ascends => ascends)))
        {
            return values;
        }

        reader.Add(option, $"expected numbers above 0, each larger than the one before, got '{reader.OptionalText(option)}'");
        return null;
    }

    // A number, or a fraction such as 8/255.
    private static IEnumerable<double> Number(string text)
    {
        var parts = text.Split('/');
        var numbers = parts.Select(part => double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : double.NaN).ToArray();
        return numbers switch
        {
            [var number] when double.IsFinite(number) => [number],
            [var over, var under] when double.IsFinite(over / under) => [over / under],
            _ => [],
        };
    }
}
