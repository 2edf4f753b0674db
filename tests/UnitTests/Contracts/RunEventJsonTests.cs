using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.UnitTests.Contracts;

public sealed class RunEventJsonTests
{
    private static readonly ModelInput _input = new(1, 8, 8, 3, ["cat", "dog", "eel"]);

    public static TheoryData<string, RunEvent> Kinds =>
    [
        ("started", new RunStarted { Spec = Recipes.Default(), TotalSteps = 9, Ranks = [new RankAssignment(0, 0, 2, 7, 1, "cpu")] }),
        ("step", new StepCompleted { Step = 3, Loss = 0.1, LossTerms = new LossTerms { CrossEntropy = 1.0 / 3 } }),
        ("epoch", new EpochCompleted { Epoch = 1, TestLoss = 1e-300, Beta = new ValueRange(1, 2) }),
        ("snapshot", new SnapshotCommitted { Step = 4, Path = "runs/\"a\"\n", WeightsSha256 = "ab" }),
        ("warning", new RunWarning { Message = "2 < 3" }),
        ("evaluation", new EvaluationProgressed { Step = 23, Samples = 640, TotalSamples = 10_000 }),
        ("curvature", new CurvatureProgressed { Samples = 50, TotalSamples = 100 }),
        ("download", new DataSetDownloading { File = "x.gz", Bytes = 1L << 40 }),
        ("waiting", new RunWaiting { Reason = "4 slots wanted, 2 free" }),
        ("generation", new GenerationChanged { Generation = 2, Reason = "r", FromStep = 4, Ranks = [new RankAssignment(0, 0, 4, 2, 1, "cpu", "silo")] }),
        ("completed", new RunCompleted { TestAccuracy = 0.95, EmaTestAccuracy = 0.96, EmaWeightsSha256 = "cd", Robustness = Figures, Ranks = [new RankReport { Rank = 0, Samples = 5 }], Spec = Recipes.For("paper") }),
        ("failed", new RunFailed { Error = "e", BadInput = true }),
        ("cancelled", new RunCancelled { Reason = "r", Step = 2, Snapshot = "s" }),
        ("setAside", new SnapshotsSetAside { FromStep = 4, Snapshots = ["step-8.g1.00000000"], Folder = "/runs/a/set-aside/until-step-8.g1.00000000" }),
        ("robustness", new RobustnessProgressed { Share = 0.25, Samples = 25, TotalSamples = 100 }),
    ];

    private static RobustnessFigures Figures => new(
        new AttackFigures("l2", 100, 7, null, 2, IsClipped: true, 0.9, [new AttackResult("autoattack", [new RobustAt(0.1, 0.75, [new RobustAfter("square", 0.75)])], ["a flag"])], [new RobustAt(0.1, 0.75, [])]),
        new CertificateFigures("exact softplus", 100, 2, 3, double.PositiveInfinity, 5, null, [new LayerShare("3.0.5", 1, 2, 3, 4, 5, 0.625)], 0.01, 0.02, 40, [new CertifiedAccuracy(0.1, 0.5)]),
        new NoiseFigures(100, 10, 7, [new SteadinessAt(0.1, 0.2, 0.19, 0.3, 0.99, 0.95, 0.05, double.NaN, 0.4)]),
        [new SandwichViolation(3, "pgd", "pgd-l2", 0.1, 0.2)]);

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Serialize_AnyKind_IsOneLineWithEventAndSchema(string name, RunEvent runEvent)
    {
        var line = RunEventJson.Serialize(runEvent with { RunId = "run", Sequence = 8, Time = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero) });

        Assert.DoesNotContain('\n', line);
        var json = JsonNode.Parse(line)!.AsObject();
        Assert.Equal(name, (string)json["event"]!);
        Assert.Equal("event", json.First().Key);
        Assert.Equal((1, "run", 8L), ((int)json["schema"]!, (string)json["runId"]!, (long)json["sequence"]!));
        Assert.False(json.ContainsKey("isFinal"));
        Assert.All(json, entry => Assert.True(char.IsAsciiLetterLower(entry.Key[0]), entry.Key));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Serialize_ReadBack_IsTheSameEvent(string name, RunEvent runEvent)
    {
        var line = RunEventJson.Serialize(runEvent);

        var read = JsonSerializer.Deserialize<RunEvent>(line, RunEventJson.Options)!;

        Assert.Equal(runEvent.GetType(), read.GetType());
        Assert.Equal(line, RunEventJson.Serialize(read));
        Assert.Equal(name is "completed" or "failed" or "cancelled", read.IsFinal);
    }

    [Fact]
    public void Kinds_OfTheContract_AreAllTested() => Assert.Equal(
        typeof(RunEvent).GetCustomAttributes<JsonDerivedTypeAttribute>().Select(attribute => (string)attribute.TypeDiscriminator!),
        Kinds.Select(row => row.Data.Item1));

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void Serialize_NumberThatJsonCannotHold_IsNullAndReadsAsNaN(double value)
    {
        var line = RunEventJson.Serialize(new StepCompleted { Loss = value });

        Assert.Null(JsonNode.Parse(line)!["loss"]);
        Assert.Contains("\"loss\":null", line, StringComparison.Ordinal);
        Assert.Equal(double.NaN, ((StepCompleted)JsonSerializer.Deserialize<RunEvent>(line, RunEventJson.Options)!).Loss);
    }

    [Fact]
    public void Serialize_Completed_HasEveryNameOfTheContract()
    {
        var json = JsonNode.Parse(RunEventJson.Serialize(new RunCompleted { Ranks = [new RankReport { BytesSent = new Dictionary<string, long> { ["memory"] = 7 } }] }))!;

        Assert.All(
            new[]
            {
                "testAccuracy", "testLoss", "curvature", "hessianNorm", "gradNorm", "curvatureSamples", "lossTerms", "weightsSha256",
                "samplesPerSecond", "steps", "epochs", "workers", "shards", "seed",
            },
            name => Assert.True(json.AsObject().ContainsKey(name), name));
        Assert.Equal(7, (long)json["ranks"]![0]!["bytesSent"]!["memory"]!);
    }

    [Fact]
    public void Spec_WithoutTheLaterOptions_SaysNothingOfThemAndElseReadsBack()
    {
        string[] later = ["optimizer", "nesterov", "betas", "epsilon", "clipGradientNorm", "emaDecay", "warmupEpochs", "imageSize", "grayscale", "normalize", "split", "splitSeed", "skipBad", "network", "networkParameters", "evalAttacks", "evalNorm", "evalEpsilons", "evalSteps", "evalRestarts", "evalSamples", "evalAttackSamples", "certify", "evalNoise", "evalOnly"];
        var changed = new RunSpec
        {
            Optimizer = "adamw",
            Nesterov = true,
            Betas = "0.8,0.9",
            Epsilon = 1e-6,
            ClipGradientNorm = 1,
            EmaDecay = 0.9,
            WarmupEpochs = 1,
            ImageSize = "8x8",
            Grayscale = true,
            Normalize = "0.5/0.25",
            Split = 0.1,
            SplitSeed = 3,
            SkipBad = true,
            Network = "{}",
            NetworkParameters = "width=8",
            EvalAttacks = "pgd",
            EvalNorm = "linf",
            EvalEpsilons = "0.1",
            EvalSteps = 2,
            EvalRestarts = 3,
            EvalSamples = 50,
            EvalAttackSamples = 20,
            Certify = true,
            EvalNoise = "0.1",
            EvalOnly = true,
        };

        var (plain, said) = (JsonSerializer.SerializeToNode(new RunSpec(), RunEventJson.Options)!.AsObject(), JsonSerializer.SerializeToNode(changed, RunEventJson.Options)!.AsObject());

        Assert.Empty(plain.Select(entry => entry.Key).Intersect(later));
        Assert.Equal(later.Order(), said.Select(entry => entry.Key).Except(plain.Select(entry => entry.Key)).Order());
        Assert.Equal((new RunSpec(), changed), (plain.Deserialize<RunSpec>(RunEventJson.Options), said.Deserialize<RunSpec>(RunEventJson.Options)));
    }

    [Fact]
    public void ModelMetadata_OfASpec_ReadsBackEqual()
    {
        var spec = Recipes.Paper() with { Augment = false, LearningRate = 0.1, Workers = 1 };

        var metadata = ModelMetadata.Of(spec, step: 1L << 60, _input);

        Assert.Equal("pt", metadata["format"]);
        Assert.Equal("1152921504606846976", metadata["step"]);
        Assert.Equal("resnet18-lcnn", metadata["architecture"]);
        Assert.Equal((spec, 1L << 60, "resnet18-lcnn"),
            (ModelMetadata.ReadSpec(metadata), ModelMetadata.ReadStep(metadata), ModelMetadata.ReadArchitecture(metadata)));
    }

    [Fact]
    public void ModelMetadata_OfOneRunByOtherWorkersElsewhere_IsTheSame()
    {
        var spec = Recipes.Default("digits");
        var elsewhere = spec with
        {
            DataDirectory = "/data",
            OutputDirectory = "/runs/first",
            ResumeFrom = "/runs/earlier",
            Workers = 1,
            ThreadsPerWorker = 3,
            Transport = "grain",
            BucketMegabytes = 4,
            SnapshotEvery = 5,
            KeepSnapshots = 6,
        };

        Assert.Equal(ModelMetadata.Of(spec, step: 7, _input), ModelMetadata.Of(elsewhere, step: 7, _input));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"epochs\":\"many\"}")]
    public void ModelMetadata_OfAnothersFile_SaysThatItCannotBeTold(string spec)
    {
        var metadata = new Dictionary<string, string> { ["format"] = "pt", ["spec"] = spec, ["step"] = "-1" };

        Assert.Null(ModelMetadata.ReadSpec(metadata));
        Assert.Null(ModelMetadata.ReadStep(metadata));
        Assert.Null(ModelMetadata.ReadArchitecture(metadata));
        Assert.Null(ModelMetadata.ReadSpec(new Dictionary<string, string>()));
    }

    [Fact]
    public void Spec_InASnapshotsState_ReadsBackEqual()
    {
        var spec = Recipes.For("paper") with { Augment = false, DataDirectory = "/data", ResumeFrom = "x" };
        var run = new JsonObject();
        SnapshotEntries.Write(run, spec, "0123", new ModelInput(1, 8, 8, 3, ["cat", "dog", "eel"]));

        Assert.Equal(spec, SnapshotEntries.ReadSpec((JsonObject)JsonNode.Parse(run.ToJsonString())!));
        Assert.Equal("0123", SnapshotEntries.ReadDataSha256((JsonObject)JsonNode.Parse(run.ToJsonString())!));
        Assert.Null(SnapshotEntries.ReadSpec([]));
        Assert.Null(SnapshotEntries.ReadDataSha256([]));
    }
}
