using System.Text.Json;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Grains.Robustness;
using Lcnn.Distributed.Model.Attacks;
using Spectre.Console.Testing;

namespace Lcnn.Distributed.UnitTests.Cli;

public sealed class EvalArgumentsTests
{
    [Theory]
    [InlineData("--attacks cw", "--attacks: expected fgsm, pgd, pgd-authors, apgd-ce, apgd-t, fab-t, square, autoattack, got 'cw'")]
    [InlineData("--attacks pgd,pgd", "--attacks: expected each attack once, got 'pgd,pgd'")]
    [InlineData("--attacks pgd --norm l1", "--norm: expected one of l2, linf, got 'l1'")]
    [InlineData("--attacks pgd --eps 0.2,0.1", "--eps: expected numbers above 0, each larger than the one before, got '0.2,0.1'")]
    [InlineData("--attacks pgd --eps 0.1,0.1", "--eps: expected numbers above 0, each larger than the one before, got '0.1,0.1'")]
    [InlineData("--attacks pgd --eps -0.1", "--eps: expected numbers above 0, each larger than the one before, got '-0.1'")]
    [InlineData("--certify --eps 1/0", "--eps: expected numbers between commas such as 0.1,0.2 or 4/255,8/255, got '1/0'")]
    [InlineData("--certify --eps NaN", "--eps: expected numbers between commas")]
    [InlineData("--certify --eps 0.1,", "--eps: expected numbers between commas")]
    [InlineData("--certify --attacks pgd --norm linf", "--norm: certified radii are l2")]
    [InlineData("--certify --norm l2", "--norm: needs --attacks")]
    [InlineData("--attacks pgd-authors --norm linf", "--norm: pgd-authors is an attack in l2: take pgd, or the norm l2")]
    [InlineData("--attacks --restarts 2", "--restarts: none of the attacks has restarts: pgd, apgd-ce, apgd-t, fab-t have")]
    [InlineData("--attacks fgsm --attack-steps 2", "--attack-steps: fgsm makes one step")]
    [InlineData("--attacks pgd --attack-steps 0", "--attack-steps: expected at least 1, got 0")]
    [InlineData("--attacks pgd --attack-samples 0", "--attack-samples: expected at least 1, got 0")]
    [InlineData("--eps 0.1", "--eps: needs --attacks or --certify")]
    [InlineData("--noise 0.1", "--noise: needs --robustness")]
    [InlineData("--samples 5", "--samples: needs --attacks, --certify or --robustness")]
    [InlineData("--curvature --curvature-samples 0", "--curvature: contradicts --curvature-samples 0")]
    [InlineData("--workers 0", "--workers: expected a whole number from 1 to 1024, got 0")]
    [InlineData("--local-silos 2 --cluster localhost", "--local-silos: starts a cluster of its own; leave out --cluster")]
    [InlineData("--workers 2 --csv e.csv", "--csv: is written without --workers, --local-silos and --cluster")]
    [InlineData("--workers 2 --device cpu", "--device: is the silos' choice on workers")]
    [InlineData("--workers 2 --certify --seed 3", "--seed: is the run's on workers")]
    [InlineData("--cluster localhost --arch resnet8", "--arch: is what the snapshot on the silos says")]
    [InlineData("--csv a", "--csv: expected the name of a file, got 'a'")]
    [InlineData("--csv nowhere/e.csv", "--csv: the folder '")]
    public async Task Eval_BadRobustnessOption_IsNamed(string options, string problem)
    {
        using var cli = new CliHarness();
        cli.FolderWithFile("a");

        Assert.Equal(2, await cli.RunLineAsync($"eval a {options}"));

        Assert.StartsWith($"error: {problem}", cli.ErrorLines[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Eval_AttacksWithoutAValue_AreTheEnsembleOnL2WithoutCurvature()
    {
        var request = await RequestOfAsync("--attacks --certify");

        Assert.Equal(0, request.CurvatureSamples);
        Assert.Null(request.Seed);
        var plan = RobustnessPlans.Of(request.Robustness);
        Assert.Equal(["autoattack"], plan.Attacks);
        Assert.Equal((AttackNorm.L2, 100, 100, 0), (plan.Norm, plan.AttackSamples, plan.CertifiedSamples, plan.NoisySamples));
        Assert.Equal([0.1, 0.2, 0.3], plan.Epsilons);
        Assert.Null(plan.Effort);
        Assert.Empty(plan.NoiseNorms);
    }

    [Fact]
    public async Task Eval_EveryRobustnessOption_IsInThePlan()
    {
        var request = await RequestOfAsync(
            "--curvature --robustness --noise 0.1,1 --attacks pgd,square --norm linf --eps 2/255,0.1 --attack-steps 7 --restarts 3 --samples 50 --attack-samples 20 --seed -4");

        Assert.Null(request.CurvatureSamples);
        Assert.Equal(-4, request.Seed);
        var plan = RobustnessPlans.Of(request.Robustness);
        Assert.Equal(["pgd", "square"], plan.Attacks);
        Assert.Equal((AttackNorm.Linf, 20, 0, 50), (plan.Norm, plan.AttackSamples, plan.CertifiedSamples, plan.NoisySamples));
        Assert.Equal([2.0 / 255, 0.1], plan.Epsilons);
        Assert.Equal(new AttackEffort(7, 3), plan.Effort);
        Assert.Equal([0.1, 1], plan.NoiseNorms);
    }

    [Fact]
    public async Task Eval_Places_AreWhereTheRequestGoes()
    {
        Assert.Null((await RequestOfAsync("")).Place);
        Assert.Equal(new EvaluationPlace(new RunPlace.ThisProcess(3), 3, 5), (await RequestOfAsync("--workers 3 --threads 5")).Place);
        Assert.Equal(new RunPlace.LocalSilos(2, 2, null), (await RequestOfAsync("--local-silos 2 --workers 3")).Place!.Place);
        var remote = await RequestOfAsync("--cluster localhost");
        Assert.Equal((true, null, 0, "a"), (remote.Place!.IsRemote, remote.Place.Workers, remote.Place.Threads, remote.Snapshot));
    }

    [Fact]
    public async Task Eval_Figures_AreATableWithFlagsBelowAndNestedInJson()
    {
        using var cli = new CliHarness();
        cli.FolderWithFile("a");
        var attacks = new AttackFigures(
            "l2", 100, 7, null, 2, IsClipped: true, 0.9,
            [
                new AttackResult("pgd", [new RobustAt(0.1, 0.8, [])], []),
                new AttackResult("autoattack", [new RobustAt(0.1, 0.75, [new RobustAfter("apgd-ce", 0.77), new RobustAfter("square", 0.75)])], ["at 0.1: gradients may be masked"]),
            ],
            [new RobustAt(0.1, 0.75, [])]);
        var certificate = new CertificateFigures("exact softplus", 100, 2, 3, double.PositiveInfinity, 5, null, [new LayerShare("3.0.5", 1, 2, 3, 4, 5, 0.625)], 0.01, 0.02, 40, [new CertifiedAccuracy(0.1, 0.5)]);
        var noise = new NoiseFigures(100, 10, 7, [new SteadinessAt(0.1, 0.2, 0.19, 0.3, 0.99, 0.95, 0.05, double.NaN, 0.4)]);
        cli.Services = cli.Services with { Evaluator = new Answer(Empty with { Attacks = attacks, Certificate = certificate, Noise = noise }) };

        Assert.Equal(0, await cli.RunLineAsync("eval a --certify --attacks"));
        Assert.Equal(0, await cli.RunLineAsync("eval a --json --certify --attacks"));

        Assert.Matches(@"0\.1 +│ 80\.00 % +│ 75\.00 % +│ 75\.00 % +│ 50\.00 %", cli.Console.Output);
        Assert.Contains("3.0.5 62.50 %", cli.Console.Output, StringComparison.Ordinal);
        Assert.Contains("l2, pixels in [0, 1]): 100 test samples attacked, seed 7, 2 restarts", cli.Console.Output, StringComparison.Ordinal);
        Assert.Equal("warning: autoattack: at 0.1: gradients may be masked", Assert.Single(cli.ErrorLines));
        using var json = JsonDocument.Parse(Assert.Single(cli.OutputLines));
        Assert.Equal(
            """{"norm":"l2","samples":100,"seed":7,"steps":null,"restarts":2,"isClipped":true,"cleanAccuracy":0.9,"results":[{"attack":"pgd","at":[{"epsilon":0.1,"robustAccuracy":0.8,"after":[]}],"flags":[]},{"attack":"autoattack","at":[{"epsilon":0.1,"robustAccuracy":0.75,"after":[{"attack":"apgd-ce","robustAccuracy":0.77},{"attack":"square","robustAccuracy":0.75}]}],"flags":["at 0.1: gradients may be masked"]}],"together":[{"epsilon":0.1,"robustAccuracy":0.75,"after":[]}]}""",
            json.RootElement.GetProperty("attacks").GetRawText());
        Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("certificate").GetProperty("lossHessian").ValueKind);
        Assert.Equal("""[{"epsilon":0.1,"accuracy":0.5}]""", json.RootElement.GetProperty("certificate").GetProperty("at").GetRawText());
        Assert.Equal(0.2, json.RootElement.GetProperty("noise").GetProperty("at")[0].GetProperty("relativeChange").GetDouble());
        Assert.Equal("[]", json.RootElement.GetProperty("violations").GetRawText());
    }

    [Fact]
    public async Task Eval_AnAttackWithinACertifiedRadius_IsAnError()
    {
        using var cli = new CliHarness();
        cli.FolderWithFile("a");
        cli.Services = cli.Services with { Evaluator = new Answer(Empty with { Violations = [new SandwichViolation(3, "autoattack", "fab-t", 0.1, 0.2)] }) };

        Assert.Equal(1, await cli.RunLineAsync("eval a --certify --attacks"));

        Assert.StartsWith("error: autoattack (fab-t) fooled test sample 3 at an l2 distance of 0.1, within its certified radius of 0.2", Assert.Single(cli.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Eval_OnATerminal_ShowsProgressThatGoesWhenItIsDone()
    {
        using var cli = new CliHarness();
        cli.FolderWithFile("a");
        cli.Console.Interactive();
        cli.Services = cli.Services with
        {
            IsTerminal = true,
            Evaluator = new Answer(Empty, progress =>
            {
                cli.Clock.Advance(TimeSpan.FromSeconds(1));
                progress.Report(new EvaluationProgress(EvaluationPhase.Certificates, 0.5, 100));
            }),
        };

        Assert.Equal(0, await cli.RunLineAsync("eval a --certify"));

        Assert.Contains("certified 50/100 test samples", cli.Console.Output, StringComparison.Ordinal);
        Assert.Empty(cli.ErrorLines);
    }

    private static EvaluationReport Empty => new() { Snapshot = "a", Dataset = "digits", Architecture = "resnet8" };

    private static async Task<EvaluationRequest> RequestOfAsync(string options)
    {
        using var cli = new CliHarness();
        cli.FolderWithFile("a");
        var answer = new Answer(Empty);
        cli.Services = cli.Services with { Evaluator = answer };

        Assert.Equal(0, await cli.RunLineAsync($"eval a {options}"));

        return answer.Request!;
    }

    private sealed class Answer(EvaluationReport report, Action<IProgress<EvaluationProgress>>? work = null) : IEvaluator
    {
        public EvaluationRequest? Request { get; private set; }

        public Task<EvaluationReport> EvaluateAsync(EvaluationRequest request, IProgress<EvaluationProgress> progress, CancellationToken cancellationToken)
        {
            Request = request;
            work?.Invoke(progress);
            return Task.FromResult(report);
        }
    }
}
