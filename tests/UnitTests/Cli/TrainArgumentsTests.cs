using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.UnitTests.Cli;

public sealed class TrainArgumentsTests
{
    private static async Task<RunSpec> SpecOfAsync(string line)
    {
        using var cli = new CliHarness();
        Assert.Equal(0, await cli.RunLineAsync($"train {line}"));
        return cli.Spec with { OutputDirectory = "" };
    }

    [Theory]
    [InlineData("", "default", "digits", "resnet8-lcnn")]
    [InlineData("--dataset mnist --arch resnet8", "default", "mnist", "resnet8")]
    [InlineData("--preset reference", "reference", "digits", "resnet8-lcnn")]
    [InlineData("--preset paper --dataset cifar10 --arch resnet18-lcnn", "paper", "cifar10", "resnet18-lcnn")]
    [InlineData("--preset reference --arch vgg11", "reference", "digits", "vgg11")]
    public async Task Spec_OnlyARecipeChosen_IsTheRecipe(string line, string preset, string dataset, string architecture)
    {
        var recipe = Recipes.For(preset, dataset, architecture);

        var spec = await SpecOfAsync(line);

        Assert.Equal(recipe with { ThreadsPerWorker = 8 / recipe.Workers }, spec);
    }

    public static TheoryData<string, Func<RunSpec, RunSpec>> Overrides => new()
    {
        { "--epochs 3", spec => spec with { Epochs = 3 } },
        { "--epochs=3", spec => spec with { Epochs = 3 } },
        { "--epochs 3.0", spec => spec with { Epochs = 3 } },
        { "--seed 1e3", spec => spec with { Seed = 1000 } },
        { "--seed 9007199254740993.0", spec => spec with { Seed = 9007199254740993 } },
        { "--batch-size 32", spec => spec with { BatchSize = 32 } },
        { "--seed -7", spec => spec with { Seed = -7 } },
        { "--seed 9223372036854775807", spec => spec with { Seed = long.MaxValue } },
        { "--lr 5e-2", spec => spec with { LearningRate = 0.05 } },
        { "--momentum 0", spec => spec with { Momentum = 0 } },
        { "--weight-decay 1e-4", spec => spec with { WeightDecay = 1e-4 } },
        { "--optimizer sgd", spec => spec },
        { "--optimizer adamw", spec => spec with { Optimizer = "adamw", LearningRate = 1e-3, WeightDecay = 1e-2 } },
        { "--optimizer adamw --lr 0.1 --weight-decay 5e-4", spec => spec with { Optimizer = "adamw" } },
        { "--optimizer adamw --betas 0.8,0.9 --eps 1e-6", spec => spec with { Optimizer = "adamw", LearningRate = 1e-3, WeightDecay = 1e-2, Betas = "0.8,0.9", Epsilon = 1e-6 } },
        { "--nesterov", spec => spec with { Nesterov = true } },
        { "--clip-grad-norm 1", spec => spec with { ClipGradientNorm = 1 } },
        { "--ema-decay 0.99", spec => spec with { EmaDecay = 0.99 } },
        { "--warmup-epochs 2", spec => spec with { WarmupEpochs = 2 } },
        { "--schedule multistep", spec => spec with { Schedule = "multistep" } },
        { "--beta-weight 0.5", spec => spec with { BetaWeight = 0.5 } },
        { "--gamma-weight .25", spec => spec with { GammaWeight = 0.25 } },
        { "--gradnorm-weight 2", spec => spec with { GradientNormWeight = 2 } },
        { "--method cure", spec => spec with { Method = "cure", Architecture = "resnet8", Loss = "cure" } },
        { "--method recipe --arch resnet18 --beta-weight 3", spec => Recipes.Default("digits", "resnet18") with { Method = "recipe", Architecture = "resnet18-recipe", Loss = "curvature+gradnorm", BetaWeight = 3, GammaWeight = 0, ThreadsPerWorker = spec.ThreadsPerWorker, OutputDirectory = spec.OutputDirectory } },
        { "--method lcnn --arch resnet8-relu --loss curvature+gradnorm", spec => spec with { Method = "lcnn", Loss = "curvature+gradnorm" } },
        { "--attack standard --attack-radius 0.5 --attack-steps 7 --attack-step-size 0.1", spec => spec with { Attack = "standard", AttackRadius = 0.5, AttackSteps = 7, AttackStepSize = 0.1 } },
        { "--eval-attacks pgd,square --eval-norm linf --eval-epsilons 2/255,0.1 --eval-steps 7 --eval-restarts 2", spec => spec with { EvalAttacks = "pgd,square", EvalNorm = "linf", EvalEpsilons = "2/255,0.1", EvalSteps = 7, EvalRestarts = 2 } },
        { "--eval-attacks autoattack --certify --eval-noise 0.1,1 --eval-samples 50 --eval-attack-samples 20", spec => spec with { EvalAttacks = "autoattack", Certify = true, EvalNoise = "0.1,1", EvalSamples = 50, EvalAttackSamples = 20 } },
        { "--augment", spec => spec with { Augment = true } },
        { "--no-augment", spec => spec with { Augment = false } },
        { "--spectral-grid true", spec => spec with { SpectralGrid = "true" } },
        { "--running-statistics reference", spec => spec with { RunningStatistics = "reference" } },
        { "--train-limit 100", spec => spec with { TrainLimit = 100 } },
        { "--test-limit 90", spec => spec with { TestLimit = 90 } },
        { "--curvature-samples 0", spec => spec with { CurvatureSamples = 0 } },
        { "--threads 3", spec => spec with { ThreadsPerWorker = 3 } },
        { "--tf32", spec => spec with { Tf32 = true } },
        { "--allow-mixed", spec => spec with { AllowMixed = true } },
        { "--transport grain", spec => spec with { Transport = "grain" } },
        { "--bucket-mb 0.5", spec => spec with { BucketMegabytes = 0.5 } },
        { "--snapshot-every 100", spec => spec with { SnapshotEvery = 100 } },
        { "--keep 5", spec => spec with { KeepSnapshots = 5 } },
        { "--loss curvature+gradnorm", spec => spec with { Loss = "curvature+gradnorm" } },
        { "--epochs 3 --lr 1 --json", spec => spec with { Epochs = 3, LearningRate = 1 } },
    };

    [Theory]
    [MemberData(nameof(Overrides))]
    public async Task Spec_OptionGiven_ChangesOnlyThat(string line, Func<RunSpec, RunSpec> change)
    {
        var spec = await SpecOfAsync(line);

        Assert.Equal(change(Recipes.Default() with { ThreadsPerWorker = 4 }), spec);
    }

    [Theory]
    [InlineData("--betas 0.9,0.99", "--betas: is not an option of --optimizer sgd")]
    [InlineData("--optimizer sgd --eps 1e-6", "--eps: is not an option of --optimizer sgd")]
    [InlineData("--optimizer adamw --momentum 0.9", "--momentum: is not an option of --optimizer adamw")]
    [InlineData("--optimizer adamw --nesterov", "--nesterov: Nesterov's momentum is SGD's")]
    [InlineData("--nesterov --momentum 0", "--nesterov: Nesterov's momentum needs a momentum above 0")]
    [InlineData("--optimizer adam", "--optimizer: unknown optimizer 'adam', expected one of sgd, adamw; did you mean 'adamw'?")]
    [InlineData("--optimizer adamw --betas 0.9", "--betas: expected two numbers from 0 to below 1 such as 0.9,0.999, got '0.9'")]
    [InlineData("--optimizer adamw --betas 0.9,x", "got '0.9,x'")]
    [InlineData("--ema-decay 1", "--ema-decay: expected a number from 0 up to 0.999999, got 1")]
    [InlineData("--clip-grad-norm -1", "--clip-grad-norm: expected a number from 0 up to 1000000, got -1")]
    [InlineData("--epochs 3 --warmup-epochs 3", "--warmup-epochs: expected fewer than the 3 epochs")]
    public async Task Optimizer_OptionsThatDoNotGoTogether_AreRefusedByName(string line, string problem)
    {
        using var cli = new CliHarness();

        Assert.Equal(2, await cli.RunLineAsync($"train {line}"));

        Assert.Contains(problem, cli.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 2, 2, 4)]
    [InlineData("--shards 1", 1, 1, 8)]
    [InlineData("--shards 8", 8, 2, 4)]
    [InlineData("--workers 1", 2, 1, 8)]
    [InlineData("--workers 5", 8, 5, 1)]
    [InlineData("--workers 3 --shards 16", 16, 3, 2)]
    [InlineData("--workers 16", 16, 16, 1)]
    [InlineData("--preset reference", 8, 1, 8)]
    [InlineData("--preset reference --workers 2", 8, 2, 4)]
    public async Task Parallelism_PartlyGiven_RestFollows(string line, int shards, int workers, int threads)
    {
        var spec = await SpecOfAsync(line);

        Assert.Equal((shards, workers, threads), (spec.LogicalShards, spec.Workers, spec.ThreadsPerWorker));
    }

    [Theory]
    [InlineData("resnet8", "ce", 1000)]
    [InlineData("resnet8-relu", "ce", 1000)]
    [InlineData("resnet8-lcnn", "curvature", 1000)]
    [InlineData("vgg11", "ce", 100)]
    [InlineData("resnet34-lcnn", "curvature", 100)]
    public async Task Defaults_OfANetwork_FollowIt(string architecture, string loss, int curvatureSamples)
    {
        var spec = await SpecOfAsync($"--arch {architecture}");

        Assert.Equal((loss, curvatureSamples), (spec.Loss, spec.CurvatureSamples));
    }

    [Fact]
    public async Task Out_NotGiven_IsAFreshFolderUnderRuns()
    {
        using var cli = new CliHarness();

        var folder = Path.Combine(cli.Folder, "runs", "mnist-resnet8-lcnn-20260101-120000");
        var wasThere = false;
        cli.Host.OnStart = _ => wasThere = Directory.Exists(folder);

        await cli.RunLineAsync("train --dataset mnist");

        Assert.Equal((folder, null), (cli.Spec.OutputDirectory, cli.Spec.ResumeFrom));
        Assert.True(wasThere);
        Assert.False(Directory.Exists(folder)); // nothing was written
    }

    [Fact]
    public async Task Out_NotGivenToMoreRunsInOneSecond_IsAFolderEach()
    {
        using var cli = new CliHarness();
        var folders = new List<string>();
        cli.Host.BeforeEvent = _ =>
        {
            folders.Add(cli.Spec.OutputDirectory);
            File.WriteAllText(Path.Combine(cli.Spec.OutputDirectory, "latest"), "x");
        };

        for (var run = 0; run < 3; run++)
        {
            Assert.Equal(0, await cli.RunLineAsync("train"));
        }

        var name = Path.Combine(cli.Folder, "runs", "digits-resnet8-lcnn-20260101-120000");
        Assert.Equal([name, $"{name}-2", $"{name}-3"], folders);
    }

    [Fact]
    public async Task Resume_AsFlag_GoesOnFromOut()
    {
        using var cli = new CliHarness();
        var folder = cli.FolderWithFile("a", "latest");

        Assert.Equal(0, await cli.RunLineAsync("train --out a --resume --json"));

        Assert.Equal((folder, folder), (cli.Spec.OutputDirectory, cli.Spec.ResumeFrom));
    }

    [Fact]
    public async Task Resume_WithFolder_GoesOnFromItElsewhere()
    {
        using var cli = new CliHarness();
        var source = cli.FolderWithFile("a/step-1.g1.x", "state.json");

        Assert.Equal(0, await cli.RunLineAsync("train --resume a/step-1.g1.x --out b"));

        Assert.Equal((Path.Combine(cli.Folder, "b"), source), (cli.Spec.OutputDirectory, cli.Spec.ResumeFrom));
    }

    [Fact]
    public async Task Resume_SpecOfTheSnapshotKnown_KeepsWhatIsNotGiven()
    {
        using var cli = new CliHarness();
        var folder = cli.FolderWithFile("a", "latest");
        var earlier = Recipes.Default("mnist", "resnet8") with
        {
            Epochs = 9,
            Seed = 5,
            Workers = 1,
            DataDirectory = cli.Folder,
            Transport = "stream",
            KeepSnapshots = 7,
            SnapshotEvery = 3,
            AllowMixed = true,
        };
        cli.Services = cli.Services with { ReadFolder = path => path == folder ? new RunFolderContent { Snapshot = "step", Spec = earlier } : new() };

        Assert.Equal(0, await cli.RunLineAsync("train --out a --resume --epochs 12"));

        Assert.Equal(earlier with { Epochs = 12, ThreadsPerWorker = 8, OutputDirectory = folder, ResumeFrom = folder }, cli.Spec);
    }

    [Fact]
    public async Task Overwrite_FolderOfARun_RemovesTheRunAndNothingElse()
    {
        using var cli = new CliHarness();
        var folder = cli.FolderWithFile("a");
        string[] kept = ["notes.txt", "my.tmp", "snapshots/mine", "step-by-step.md", "step-3", ".tmp-mine", "best.safetensors"];
        Array.ForEach(kept, file => cli.FolderWithFile(Path.Combine("a", Path.GetDirectoryName(file)!), Path.GetFileName(file)));
        foreach (var step in new[] { 3, 6 })
        {
            Array.ForEach(["model.safetensors", "optimizer.safetensors", "state.json"], file => cli.FolderWithFile($"a/step-{step}.g1.00000000", file));
        }

        File.WriteAllText(Path.Combine(folder, "latest"), "step-6.g1.00000000\n");
        Array.ForEach(
            ["model.safetensors", "report.json", "report.json.tmp", ".tmp-model-00000000", $".tmp-probe-g1.{new string('0', 32)}"], file => cli.FolderWithFile("a", file));

        Assert.Equal(0, await cli.RunLineAsync("train --out a --overwrite"));

        var left = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file));
        Assert.Equal(kept.Order(StringComparer.Ordinal), left.Order(StringComparer.Ordinal));
        Assert.DoesNotContain("step-3.g1.00000000", Directory.EnumerateDirectories(folder).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Overwrite_SnapshotIsALinkOrHoldsFilesOfTheUser_LosesNothingOfEither()
    {
        using var cli = new CliHarness();
        var folder = cli.FolderWithFile("a", "notes.txt");
        cli.FolderWithFile("a/step-3.g1.00000000", "state.json");
        var mine = cli.FolderWithFile("a/step-3.g1.00000000", "mine.txt");
        cli.FolderWithFile("b/step-9.g1.00000000", "state.json");
        var link = Path.Combine(folder, "step-9.g1.00000000");
        Directory.CreateSymbolicLink(link, Path.Combine(cli.Folder, "b", "step-9.g1.00000000"));

        Assert.Equal(0, await cli.RunLineAsync("train --out a --overwrite"));

        Assert.False(Path.Exists(link) || Directory.Exists(mine));
        Assert.True(File.Exists(Path.Combine(cli.Folder, "b", "step-9.g1.00000000", "state.json")));
        Assert.True(File.Exists(Path.Combine(folder, "set-aside", "step-3.g1.00000000", "mine.txt")));
    }

    [Theory]
    [InlineData("train --out link --overwrite --resume a/step-3.g1.00000000", "--overwrite")]
    [InlineData("train --out a --overwrite --resume link/step-3.g1.00000000", "--overwrite")]
    [InlineData("train --out link/ --overwrite --resume a", "--overwrite")]
    [InlineData("train --out up/a --overwrite --resume a", "--overwrite")]
    [InlineData("train --out a --overwrite --resume one", "--overwrite")]
    [InlineData("train --out a --overwrite --resume other", "--overwrite")]
    [InlineData("train --out kept --overwrite", "--out")]
    [InlineData("train --out b --resume a", "--out")]
    [InlineData("train --out b --resume a/step-3.g1.00000000", "--out")]
    public async Task Folders_OfWhichOneWouldHarmTheOther_AreRefusedAndStay(string line, string option)
    {
        using var cli = new CliHarness();
        var snapshot = cli.FolderWithFile("a/step-3.g1.00000000", "state.json");
        cli.FolderWithFile("kept", "model.safetensors");
        cli.FolderWithFile("b/step-6.g1.00000000", "state.json");
        Directory.CreateDirectory(Path.Combine(cli.Folder, "other"));
        Directory.CreateSymbolicLink(Path.Combine(cli.Folder, "link"), "a");
        Directory.CreateSymbolicLink(Path.Combine(cli.Folder, "up"), cli.Folder);
        Directory.CreateSymbolicLink(Path.Combine(cli.Folder, "one"), snapshot);
        Directory.CreateSymbolicLink(Path.Combine(cli.Folder, "other", "step-3.g1.00000000"), snapshot);

        Assert.Equal(2, await cli.RunLineAsync(line));

        Assert.StartsWith($"error: {option}: ", cli.ErrorLines[0], StringComparison.Ordinal);
        Assert.All(["a/step-3.g1.00000000/state.json", "b/step-6.g1.00000000/state.json", "kept/model.safetensors"],
            file => Assert.True(File.Exists(Path.Combine(cli.Folder, file)), file));
    }

    [Theory]
    [InlineData("train --out link --resume a/step-3.g1.00000000")]
    [InlineData("train --out a --resume one")]
    [InlineData("train --out b --overwrite --resume a")]
    [InlineData("train --out new --resume a")]
    public async Task Folders_ThatGoTogether_AreTaken(string line)
    {
        using var cli = new CliHarness();
        var snapshot = cli.FolderWithFile("a/step-3.g1.00000000", "state.json");
        cli.FolderWithFile("b/step-6.g1.00000000", "state.json");
        Directory.CreateSymbolicLink(Path.Combine(cli.Folder, "link"), "a");
        Directory.CreateSymbolicLink(Path.Combine(cli.Folder, "one"), snapshot);

        Assert.Equal(0, await cli.RunLineAsync(line));

        Assert.True(File.Exists(Path.Combine(snapshot, "state.json")));
    }

    [Fact]
    public async Task DataDirectory_Relative_ReachesTheSiloAsFullPath()
    {
        using var cli = new CliHarness();
        var folder = cli.FolderWithFile("data");

        Assert.Equal(0, await cli.RunLineAsync("train --data-dir data"));

        Assert.Equal(folder, cli.Spec.DataDirectory);
    }
}
