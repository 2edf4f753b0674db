using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.UnitTests.Contracts;

public sealed class RunSpecTests
{
    private static readonly RunSpec _good = Recipes.Default();

    public static TheoryData<string, string, RunSpec> Bad =>
    [
        ("Dataset", "did you mean 'digits'?", _good with { Dataset = "digit" }),
        ("Dataset", "expected one of digits, mnist", _good with { Dataset = null! }),
        ("Architecture", "did you mean 'resnet8'?", _good with { Architecture = "resnet9" }),
        ("Architecture", "unknown architecture ''", _good with { Architecture = "" }),
        ("Preset", "default, reference, paper", _good with { Preset = "best" }),
        ("Loss", "did you mean 'curvature'?", _good with { Loss = "curvatur" }),
        ("Loss", "unknown loss ''", _good with { Loss = null!, Architecture = "resnet8" }),
        ("Loss", "use 'ce', 'gradnorm' or resnet8-lcnn", _good with { Architecture = "resnet8", Loss = "curvature" }),
        ("Loss", "use 'ce', 'gradnorm' or resnet8-lcnn", _good with { Architecture = "resnet8-relu", Loss = "curvature+gradnorm" }),
        ("Schedule", "multistep, cosine, constant", _good with { Schedule = "step" }),
        ("SpectralGrid", "reference, true", _good with { SpectralGrid = "false" }),
        ("RunningStatistics", "reference, warm", _good with { RunningStatistics = "cold" }),
        ("EvalAttacks", "got 'cw'", _good with { EvalAttacks = "cw" }),
        ("EvalAttacks", "expected each attack once, got 'pgd,pgd'", _good with { EvalAttacks = "pgd,pgd" }),
        ("EvalNorm", "expected one of l2, linf, got 'l1'", _good with { EvalNorm = "l1" }),
        ("EvalNorm", "expected one of l2, linf, got ''", _good with { EvalNorm = null! }),
        ("EvalNorm", "certified radii are l2", _good with { EvalNorm = "linf", Certify = true }),
        ("EvalNorm", "pgd-authors is an attack in l2", _good with { EvalNorm = "linf", EvalAttacks = "pgd-authors" }),
        ("EvalEpsilons", "each larger than the one before, got '0.2,0.1'", _good with { EvalEpsilons = "0.2,0.1" }),
        ("EvalNoise", "expected numbers between commas such as 0.1,0.2 or 4/255,8/255, got '1/0'", _good with { EvalNoise = "1/0" }),
        ("EvalSteps", "at least 0, got -1", _good with { EvalSteps = -1 }),
        ("EvalSteps", "fgsm makes one step", _good with { EvalSteps = 2, EvalAttacks = "fgsm" }),
        ("EvalRestarts", "none of the attacks has restarts", _good with { EvalRestarts = 2, EvalAttacks = "square" }),
        ("EvalSamples", "at least 1, got 0", _good with { EvalSamples = 0 }),
        ("ResumeFrom", "expected the snapshot or the run's folder that is to be evaluated", _good with { EvalOnly = true }),
        ("EvalAttackSamples", "at least 0, got -1", _good with { EvalAttackSamples = -1 }),
        ("Epochs", "at least 1, got 0", _good with { Epochs = 0 }),
        ("Workers", "at least 1, got 0", _good with { Workers = 0 }),
        ("Workers", "at most one worker per logical shard (2), got 3", _good with { Workers = 3 }),
        ("ThreadsPerWorker", "at least 0, got -1", _good with { ThreadsPerWorker = -1 }),
        ("TrainLimit", "at least 0, got -5", _good with { TrainLimit = -5 }),
        ("TestLimit", "at least 0, got -1", _good with { TestLimit = -1 }),
        ("TrainLimit", "at least 4 (two samples for each of 2 shards), got 3", _good with { TrainLimit = 3 }),
        ("CurvatureSamples", "at least 0, got -1", _good with { CurvatureSamples = -1 }),
        ("CurvatureIterations", "at least 1, got 0", _good with { CurvatureIterations = 0 }),
        ("LogicalShards", "power of two from 1 to 1024, got 3", _good with { LogicalShards = 3 }),
        ("LogicalShards", "power of two from 1 to 1024, got 0", _good with { LogicalShards = 0 }),
        ("LogicalShards", "power of two from 1 to 1024, got -2147483648", _good with { LogicalShards = int.MinValue }),
        ("LogicalShards", "power of two from 1 to 1024, got 2048", _good with { LogicalShards = 2048, BatchSize = 8192 }),
        ("BatchSize", "at least 4 (two samples for each of 2 shards), got 3", _good with { BatchSize = 3 }),
        ("LearningRate", "a number above 0 up to 1000, got 0", _good with { LearningRate = 0 }),
        ("LearningRate", "got NaN", _good with { LearningRate = double.NaN }),
        ("LearningRate", "got Infinity", _good with { LearningRate = double.PositiveInfinity }),
        ("Momentum", "from 0 up to 0.9999, got 1", _good with { Momentum = 1 }),
        ("Momentum", "got -0.1", _good with { Momentum = -0.1 }),
        ("WeightDecay", "from 0 up to 1000, got -1", _good with { WeightDecay = -1 }),
        ("Optimizer", "unknown optimizer 'adam', expected one of sgd, adamw", _good with { Optimizer = "adam" }),
        ("Optimizer", "unknown optimizer ''", _good with { Optimizer = null! }),
        ("Nesterov", "needs a momentum above 0, got 0", _good with { Nesterov = true, Momentum = 0 }),
        ("Nesterov", "is SGD's; leave it out, or use optimizer sgd", _good with { Nesterov = true, Optimizer = "adamw" }),
        ("Betas", "two numbers from 0 to below 1 such as 0.9,0.999, got '0.9'", _good with { Betas = "0.9" }),
        ("Betas", "got '0.9,1'", _good with { Betas = "0.9,1" }),
        ("Betas", "got '-0.1,0.9'", _good with { Betas = "-0.1,0.9" }),
        ("Betas", "got '0.9,NaN'", _good with { Betas = "0.9,NaN" }),
        ("Betas", "got ''", _good with { Betas = null! }),
        ("Epsilon", "from 0 up to 1, got -1", _good with { Epsilon = -1 }),
        ("ClipGradientNorm", "got -0.5", _good with { ClipGradientNorm = -0.5 }),
        ("EmaDecay", "up to 0.999999, got 1", _good with { EmaDecay = 1 }),
        ("WarmupEpochs", "at least 0, got -1", _good with { WarmupEpochs = -1 }),
        ("WarmupEpochs", "fewer than the 20 epochs of which the warm-up is a part, got 20", _good with { WarmupEpochs = 20 }),
        ("WarmupEpochs", "fewer than the 3 epochs", _good with { WarmupEpochs = 3, ScheduleEpochs = 3 }),
        ("BetaWeight", "got NaN", _good with { BetaWeight = double.NaN }),
        ("GammaWeight", "got -1", _good with { GammaWeight = -1 }),
        ("GradientNormWeight", "got 10000000", _good with { GradientNormWeight = 1e7 }),
    ];

    [Theory]
    [MemberData(nameof(Bad))]
    public void Validate_OneBadField_NamesItAndWhatToDo(string field, string message, RunSpec spec)
    {
        var problem = Assert.Single(spec.Validate());

        Assert.Equal(field, problem.Field);
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_EveryRecipe_IsWithoutProblems() => Assert.All(
        from preset in Names.Presets from dataset in Names.Datasets from architecture in Names.Architectures select Recipes.For(preset, dataset, architecture),
        spec => Assert.Empty(spec.Validate()));

    [Fact]
    public void Validate_ValuesAtTheirBounds_AreWithoutProblems() => Assert.Empty((_good with
    {
        BatchSize = 2048,
        LogicalShards = 1024,
        Workers = 1024,
        TrainLimit = 2048,
        TestLimit = 512,
        LearningRate = 1e3,
        Momentum = 0,
        WeightDecay = 0,
        Optimizer = "adamw",
        Betas = "0, 0",
        Epsilon = 0,
        ClipGradientNorm = 1e6,
        EmaDecay = 0.999999,
        WarmupEpochs = int.MaxValue - 1,
        CurvatureSamples = 0,
        CurvatureIterations = 1,
        Epochs = int.MaxValue,
    }).Validate());

    [Fact]
    public void Validate_ManyBadFields_NamesEachOnce()
    {
        var spec = _good with { Dataset = "x", Architecture = "y", Epochs = -1, LearningRate = double.NaN, LogicalShards = 5, Momentum = 2 };

        Assert.Equal(
            ["Architecture", "Dataset", "Epochs", "LearningRate", "LogicalShards", "Momentum"],
            spec.Validate().Select(problem => problem.Field).Order());
    }

    [Fact]
    public void InvalidSpecException_SeveralProblems_SaysEachOnALine()
    {
        var problem = new InvalidSpecException([new SpecProblem("Epochs", "too few"), new SpecProblem("Loss", "unknown")]);

        Assert.Equal($"Epochs: too few{Environment.NewLine}Loss: unknown", problem.Message);
    }
}
