using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Data.Checkpoints;

namespace Lcnn.Distributed.ClusterTests.Runs;

/// <summary>Promises P1 and P2 for every optimizer, with clipping, average and warm-up.</summary>
[Collection(nameof(ClusterFixture))]
public sealed class OptimizerTests(ClusterFixture cluster)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, Func<RunSpec, RunSpec>> Optimizers { get; } = new()
    {
        { "sgd", spec => spec with { Nesterov = true, ClipGradientNorm = 0.5, EmaDecay = 0.5, WarmupEpochs = 1 } },
        { "adamw", spec => Recipes.WithOptimizer(spec, "adamw") with { LearningRate = 0.01, ClipGradientNorm = 0.5, EmaDecay = 0.9, Betas = "0.8,0.95" } },
    };

    [Theory]
    [MemberData(nameof(Optimizers))]
    public async Task Weights_AnyNumberOfWorkersOverAnyTransportOrResumed_AreTheSame(string optimizer, Func<RunSpec, RunSpec> change)
    {
        var spec = change(cluster.SmallSpec()) with { LogicalShards = 4, BatchSize = 24, BucketMegabytes = 0.02, Workers = 1 };
        var first = await cluster.CompleteAsync(spec with { SnapshotEvery = 1, KeepSnapshots = 20 });
        Assert.Equal(optimizer, first.Spec.Optimizer);

        var others = new List<RunCompleted>();
        foreach (var (workers, transport) in new[] { (2, "memory"), (3, "stream") })
        {
            others.Add(await cluster.CompleteAsync(spec with { Workers = workers, Transport = transport, OutputDirectory = cluster.NewFolder() }));
        }

        // What a fault leaves behind is a snapshot inside an epoch; the folder's later ones are set aside.
        var middle = SnapshotStore.List(first.Spec.OutputDirectory).Single(name => name.Step == 2);
        others.Add(await cluster.CompleteAsync(first.Spec with { ResumeFrom = Path.Combine(first.Spec.OutputDirectory, middle.ToString()), Workers = 2 }));

        Assert.NotNull(first.EmaWeightsSha256);
        Assert.NotEqual(first.WeightsSha256, first.EmaWeightsSha256);
        Assert.All(others, run => Assert.Equal(
            (first.WeightsSha256, first.EmaWeightsSha256, first.TestLoss, first.EmaTestLoss, first.EmaTestAccuracy),
            (run.WeightsSha256, run.EmaWeightsSha256, run.TestLoss, run.EmaTestLoss, run.EmaTestAccuracy)));
    }

    [Fact]
    public async Task Average_AtTheEnd_LiesBesideTheModelAndInTheSnapshot()
    {
        var completed = await cluster.CompleteAsync(cluster.SmallSpec() with { EmaDecay = 0.9 });

        var folder = completed.Spec.OutputDirectory;
        Assert.Equal(Path.Combine(folder, "model_ema.safetensors"), completed.EmaModelPath);
        var model = SafeTensorsFile.Read(completed.EmaModelPath!);
        Assert.Equal(completed.EmaWeightsSha256, WeightsHash.Compute(model.Tensors.Values));
        Assert.Equal(SafeTensorsFile.Read(completed.ModelPath).Tensors.Keys.Order(), model.Tensors.Keys.Order());
        Assert.Equal(completed.Spec with { Workers = 1 }, ModelMetadata.ReadSpec(model.Metadata)! with
        {
            OutputDirectory = folder,
            ThreadsPerWorker = completed.Spec.ThreadsPerWorker,
        });
        var snapshot = SnapshotStore.FindNewest(folder, warning => Assert.Fail(warning));
        Assert.Equal(model.Tensors.Keys.Select(key => key + ".ema").Order(), snapshot.Optimizer.Keys.Where(key => key.EndsWith(".ema", StringComparison.Ordinal)).Order());
    }

    [Theory]
    [InlineData("--optimizer was adamw, now sgd", "sgd", 0.9)]
    [InlineData("--ema-decay was 0.9, now 0", "adamw", 0)]
    public async Task Resume_WithOtherTensorsThanTheSnapshots_IsRefusedByName(string objection, string optimizer, double emaDecay)
    {
        var made = await cluster.CompleteAsync(Recipes.WithOptimizer(cluster.SmallSpec(), "adamw") with { Epochs = 1, EmaDecay = 0.9 });

        var run = await cluster.Client.StartAsync(
            made.Spec with { Optimizer = optimizer, EmaDecay = emaDecay, Epochs = 2, ResumeFrom = made.Spec.OutputDirectory }, Token);

        var failed = Assert.IsType<RunFailed>(await run.EndAsync());
        Assert.True(failed.BadInput);
        Assert.Contains(objection, failed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_AtTheDefaults_HasNoAverageAndOnlyMomentumInItsSnapshot()
    {
        var completed = await cluster.CompleteAsync(cluster.SmallSpec() with { Epochs = 1 });

        Assert.Equal((null, null, null), (completed.EmaTestAccuracy, completed.EmaWeightsSha256, completed.EmaModelPath));
        Assert.False(File.Exists(Path.Combine(completed.Spec.OutputDirectory, "model_ema.safetensors")));
        var snapshot = SnapshotStore.FindNewest(completed.Spec.OutputDirectory, warning => Assert.Fail(warning));
        Assert.Empty(snapshot.Optimizer.Keys.Except(snapshot.Model.Keys));
    }
}
