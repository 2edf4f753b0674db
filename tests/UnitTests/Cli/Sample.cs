using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.UnitTests.Cli;

/// <summary>Events of a small run.</summary>
internal static class Sample
{
    public static RunStarted Started(long sequence = 1) => new()
    {
        RunId = "run-1",
        Sequence = sequence,
        Spec = Recipes.Default() with { Epochs = 2, OutputDirectory = "/runs/a" },
        TotalSteps = 46,
        StepsPerEpoch = 23,
        TrainSamples = 1437,
        TestSamples = 360,
        ParameterCount = 77_850,
        BatchNorm = "shard",
    };

    public static StepCompleted Step(long step, long sequence = 2) => new()
    {
        RunId = "run-1",
        Sequence = sequence,
        Step = step,
        Epoch = 1,
        Loss = 2.25,
        LossTerms = new LossTerms { CrossEntropy = 2.2, BetaTerm = 33.5, GammaTerm = 1.25 },
        LearningRate = 0.1,
        SamplesPerSecond = 1234.5,
        TrainAccuracy = 0.125,
    };

    public static EpochCompleted Epoch(int epoch, long sequence = 3) => new()
    {
        RunId = "run-1",
        Sequence = sequence,
        Epoch = epoch,
        Step = epoch * 23,
        TrainLoss = 1.5,
        TrainAccuracy = 0.5,
        LossTerms = new LossTerms { CrossEntropy = 1.4, BetaTerm = 32 },
        TestLoss = 0.9,
        TestAccuracy = 0.8125,
        SamplesPerSecond = 1500,
        Beta = new ValueRange(0.5, 4.75),
        Gamma = new ValueRange(0.25, 1.125),
    };

    public static SnapshotCommitted Snapshot(long sequence = 4) =>
        new() { RunId = "run-1", Sequence = sequence, Step = 23, Path = "/runs/a/step-23.g1.x", WeightsSha256 = "ab" };

    public static RunWaiting Waiting() => new() { RunId = "run-1", Sequence = 1, Reason = "wants 4, 2 are free" };

    public static GenerationChanged Generation() => new()
    {
        RunId = "run-1",
        Sequence = 2,
        Generation = 2,
        Reason = "rank 1 was lost",
        FromStep = 23,
        ReplayedSteps = 5,
        Ranks = [new RankAssignment(0, 0, 1, 3, 1, "cpu", "a"), new RankAssignment(1, 1, 1, 3, 1, "cpu", "b")],
    };

    public static RunCompleted Completed(long sequence = 5) => new()
    {
        RunId = "run-1",
        Sequence = sequence,
        TestAccuracy = 0.975,
        TestLoss = 0.09,
        Curvature = 4.75,
        HessianNorm = 2.5,
        GradNorm = double.NaN,
        CurvatureSamples = 360,
        WeightsSha256 = "0123abcd",
        SamplesPerSecond = 1400,
        Steps = 46,
        Epochs = 2,
        Workers = 2,
        Shards = 2,
        Seed = 1729,
        ModelPath = "/runs/a/model.safetensors",
        Spec = Recipes.Default() with { OutputDirectory = "/runs/a" },
    };

    public static RunFailed Failed(bool badInput) =>
        new() { RunId = "run-1", Sequence = 2, Error = "rank 1, step 7: loss is NaN", BadInput = badInput };

    public static RunCancelled Cancelled() =>
        new() { RunId = "run-1", Sequence = 2, Reason = "SIGINT", Step = 5, Snapshot = "/runs/a/step-5.g1.x" };
}
