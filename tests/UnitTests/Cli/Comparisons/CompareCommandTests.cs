using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.UnitTests.Cli.Comparisons;

public sealed class CompareCommandTests : IDisposable
{
    private readonly CliHarness _cli = new();

    public CompareCommandTests() => _cli.Host.Sweep.Events = [SweepEvents.SweepCompleted(SweepEvents.Result(1, TrialState.Completed, 4, 0.8)) with { Sequence = 1 }];

    public void Dispose() => _cli.Dispose();

    private SweepSpec Spec => _cli.Host.Sweep.Spec;

    [Fact]
    public async Task Compare_WithoutOptions_TrainsAllMethodsOnceAndAttacksThem()
    {
        Assert.Equal(0, await _cli.RunLineAsync("compare --out there"));

        Assert.Equal(["standard", "lcnn", "gradreg", "lcnn+gradreg", "cure", "softplus-decay", "adversarial", "recipe"], Spec.Trials.Select(trial => trial["method"]!.Text));
        Assert.All(Spec.Trials, trial => Assert.Equal("autoattack", trial["evalAttacks"]!.Text));
        Assert.Equal(("resnet8", "list", 4), (Spec.Base.Architecture, Spec.Sampler.Kind, Spec.MaxConcurrent)); // 8 cores, 2 workers
        Assert.Equal(new RunPlace.ThisProcess(8) { SweepMark = Path.Combine(_cli.Folder, "there") }, _cli.Host.Place);
        Assert.Empty(Spec.Validate());
    }

    [Fact]
    public async Task Compare_WithOptions_HasThemInEveryTrial()
    {
        Assert.Equal(0, await _cli.RunLineAsync(
            "compare --dataset fashion-mnist --train-limit 20000 --epochs 5 --arch resnet18 --methods standard:2,lcnn+gradreg --seed 7 --lr 0.05 --eps 0.1,0.2 --attacks pgd,fgsm "
            + "--attack-samples 50 --attack-seeds 1 --certify --robustness --concurrent 3 --workers 1 --out there"));

        Assert.Equal(
            ["method=standard, seed=7, evalAttacks=pgd,fgsm", "method=lcnn+gradreg, seed=7, evalAttacks=pgd,fgsm", "method=standard, seed=8"],
            Spec.Trials.Select(trial => trial.ToString()));
        var last = Spec.SpecOf(3, Spec.Trials[2]);
        Assert.Equal(("resnet18", 8L, 20000, 5, 0.05, ""), (last.Architecture, last.Seed, last.TrainLimit, last.Epochs, last.LearningRate, last.EvalAttacks));
        var attacked = Spec.SpecOf(2, Spec.Trials[1]);
        Assert.Equal(("resnet18-lcnn", "pgd,fgsm", "0.1,0.2", 50, true), (attacked.Architecture, attacked.EvalAttacks, attacked.EvalEpsilons, attacked.EvalAttackSamples, attacked.Certify));
        Assert.Equal("0.05,0.1,0.2,0.5", attacked.EvalNoise);
        Assert.Equal(3, Spec.MaxConcurrent);
    }

    [Theory]
    [InlineData("--methods lcn", "--methods: expected some of standard, lcnn", "did you mean 'lcnn'?")]
    [InlineData("--methods lcnn:0", "--methods: expected NAME or NAME:SEEDS with 1 to 1000 seeds, got 'lcnn:0'", "")]
    [InlineData("--methods lcnn:2:3", "--methods: expected NAME or NAME:SEEDS", "")]
    [InlineData("--methods lcnn,cure,lcnn", "--methods: expected each method once, got 'lcnn' 2 times", "lcnn:2")]
    [InlineData("--methods lcnn,", "--methods: expected some of", "")]
    [InlineData("--methods", "--methods: expected a value", "")]
    [InlineData("--seeds 0", "--seeds: expected a whole number from 1 to 1000, got 0", "")]
    [InlineData("--epochs 0", "--epochs: expected a whole number from 1", "")]
    [InlineData("--arch resnet9", "--arch: ", "resnet8")]
    [InlineData("--arch nowhere.yaml", "--arch: 'nowhere.yaml' cannot be read", "")]
    [InlineData("--dataset digit", "--dataset: ", "did you mean 'digits'?")]
    [InlineData("--attacks pdg", "--attacks: expected fgsm, pgd", "")]
    [InlineData("--attacks fgsm --attack-steps 3", "--attack-steps: fgsm makes one step", "")]
    [InlineData("--eps 0.2,0.1", "--eps: ", "")]
    [InlineData("--attack-seeds -1", "--attack-seeds: expected at least 0, got -1", "")]
    [InlineData("--concurrent 0", "--concurrent: expected at least 1, got 0", "")]
    [InlineData("--workers 4", "--workers: expected at most one worker per logical shard", "method standard", "--shards 2")]
    [InlineData("--out full", "--out: the folder '", "is not empty; go on with the comparison in it with --resume")]
    [InlineData("--out full/notes.txt", "--out: expected a folder, '", "")]
    [InlineData("--resume", "--resume: needs --out with the folder", "")]
    [InlineData("--out empty --resume", "--resume: the folder '", "holds no sweep to go on with")]
    [InlineData("--out empty --resume later", "--resume: expected 'auto' or no value, got 'later'", "")]
    [InlineData("--out empty --resume --local-silos 2", "--resume: is for sweeps that run in this process", "")]
    [InlineData("--out empty --resume --cluster redis://host", "--resume: the folder '", "holds no comparison to go on with")]
    public async Task Compare_WithBadArguments_NamesThemAndStartsNothing(string line, string expected, string hint, string more = "")
    {
        _cli.FolderWithFile("full");

        Assert.Equal(2, await _cli.RunLineAsync($"compare {line} {more}"));

        var problem = Assert.Single(_cli.ErrorLines, text => text.Contains(expected, StringComparison.Ordinal));
        Assert.Contains(hint, problem, StringComparison.Ordinal);
        Assert.Null(_cli.Host.Place);
        Assert.Equal(["full"], Directory.GetFileSystemEntries(_cli.Folder).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Compare_OnACluster_FindsItsSweepAgainByTheFolder()
    {
        Assert.Equal(0, await _cli.RunLineAsync("compare --methods standard,lcnn --out there --cluster redis://host"));
        var first = _cli.Host.ChosenId;

        Assert.Equal(0, await _cli.RunLineAsync("compare --methods standard,lcnn --out there --cluster redis://host --resume"));

        Assert.StartsWith("compare-", first, StringComparison.Ordinal);
        Assert.Equal(first, _cli.Host.ChosenId);
        Assert.Equal(("", 2), (Spec.OutputDirectory, Spec.MaxConcurrent));

        Assert.Equal(2, await _cli.RunLineAsync("compare --methods standard,lcnn --epochs 3 --out there --cluster redis://host --resume"));
        Assert.Contains("there' holds another comparison: base.epochs was 20, now 3. Give the options it was started with, or another folder", _cli.Error, StringComparison.Ordinal);

        await File.WriteAllTextAsync(Path.Combine(_cli.Folder, "there/compare.sweep"), "{", TestContext.Current.CancellationToken);
        Assert.Equal(2, await _cli.RunLineAsync("compare --methods standard,lcnn --out there --cluster redis://host --resume"));
        Assert.Contains("does not say which sweep it is", _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Compare_WithTrialsThatFailed_WritesTheTableAndExitsWithOne()
    {
        _cli.Host.Sweep.Trials =
        [
            new TrialEntry { Number = 1, Parameters = new([new("method", "standard"), new("seed", 1)]), State = TrialState.Failed, Error = "the loss is NaN at step 3" },
        ];

        Assert.Equal(1, await _cli.RunLineAsync("compare --methods standard --seed 1 --out there"));

        Assert.Contains("| standard | 0 of 1 |", await File.ReadAllTextAsync(Path.Combine(_cli.Folder, "there/compare.md"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(
            ["compare.csv", "compare.json", "compare.md", "compare.tex", "report.html"],
            Directory.GetFiles(Path.Combine(_cli.Folder, "there")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Contains("the loss is NaN at step 3", _cli.Console.Output, StringComparison.Ordinal);
    }
}
