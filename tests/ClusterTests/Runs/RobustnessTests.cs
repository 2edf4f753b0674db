using System.Text.Json;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Data.Catalog;
using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Grains.Robustness;
using Lcnn.Distributed.Grains.Workers;
using Lcnn.Distributed.Model.Curvature;
using Lcnn.Distributed.Model.Evaluation;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Robustness;
using Lcnn.Distributed.Model.Training;
using Lcnn.Distributed.UnitTests.Data;

namespace Lcnn.Distributed.ClusterTests.Runs;

/// <summary>Attacks, certificates and noise at the end of a run.</summary>
[Collection(nameof(ClusterFixture))]
public sealed class RobustnessTests(ClusterFixture cluster)
{
    private RunSpec Spec => cluster.SmallSpec() with
    {
        NetworkParameters = "width=4",
        LogicalShards = 4,
        CurvatureSamples = 10,
        CurvatureIterations = 2,
        EvalAttacks = "fgsm,pgd,square",
        EvalEpsilons = "0.1,0.5",
        EvalSteps = 3,
        EvalRestarts = 2,
        EvalSamples = 60,
        EvalAttackSamples = 55,
        Certify = true,
        EvalNoise = "0.1,0.5",
    };

    [Fact]
    public async Task Figures_AnyNumberOfWorkersAndAlone_AreTheSame()
    {
        var events = await (await cluster.Client.StartAsync(Spec with { Workers = 3, Transport = "stream" }, TestContext.Current.CancellationToken)).EventsAsync();
        var three = Assert.IsType<RunCompleted>(events[^1]);
        var alone = await (await cluster.Client.StartAsync(Spec with { Workers = 1, ThreadsPerWorker = 2 }, TestContext.Current.CancellationToken)).EventsAsync();
        var one = Assert.IsType<RunCompleted>(alone[^1]);
        var two = await cluster.CompleteAsync(Spec with { Workers = 2, Transport = "grain" });

        var figures = one.Robustness!;
        Assert.Equal((55, 60, 60), (figures.Attacks!.Samples, figures.Certificate!.Samples, figures.Noise!.Samples));
        Assert.Equal(["fgsm", "pgd", "square"], figures.Attacks.Results.Select(result => result.Attack));
        Assert.True(figures.Attacks.Together[1].RobustAccuracy <= figures.Attacks.Together[0].RobustAccuracy);
        Assert.InRange(figures.Certificate.MedianRadius, 0, figures.Certificate.LargestRadius);
        Assert.True(double.IsFinite(figures.Certificate.LossHessian) && double.IsFinite(figures.Noise.At[0].CurvatureEstimate));
        Assert.Empty(figures.Violations);
        Assert.Equal(Json(figures), Json(two.Robustness!));
        Assert.Equal(Json(figures), Json(three.Robustness!));
        Assert.Equal(Json(figures), Json(await AloneAsync(one)));
        Assert.Equal(BoundsOf(alone), BoundsOf(events));
        Assert.InRange(BoundsOf(alone)[^1].Bound!.Value, figures.Certificate.LogitHessian / 2, figures.Certificate.LogitHessian * 100);
        Assert.Equal(1, events.OfType<RobustnessProgressed>().Last().Share);
        var report = RunEventJson.Deserialize(await File.ReadAllTextAsync(Path.Combine(one.Spec.OutputDirectory, SnapshotFiles.Report), TestContext.Current.CancellationToken));
        Assert.Equal(Json(figures), Json(((RunCompleted)report).Robustness!));
    }

    [Fact]
    public async Task Cancel_WhileItIsAttacked_KeepsTheFinalSnapshotAndEndsAtOnce()
    {
        var spec = Spec with { EvalAttacks = "apgd-ce", EvalSteps = 1_000_000, EvalSamples = 360, EvalAttackSamples = 0, Certify = false, EvalNoise = "0.1" };
        var run = await cluster.Client.StartAsync(spec, TestContext.Current.CancellationToken);
        await run.FirstAsync<RobustnessProgressed>();

        await run.CancelAsync("enough", TestContext.Current.CancellationToken);

        var cancelled = Assert.IsType<RunCancelled>(await run.EndAsync());
        Assert.Equal(4, cancelled.Step);
        Assert.True(Directory.Exists(cancelled.Snapshot));
    }

    [Fact]
    public async Task Start_AnAttackThatTheDataSetHasTooFewClassesFor_IsRefusedBeforeItIsTrained()
    {
        using var images = OwnFiles.Folder();
        var run = await cluster.Client.StartAsync(Spec with { Dataset = images.Path, EvalAttacks = "apgd-t", TrainLimit = 0, BatchSize = 8 }, TestContext.Current.CancellationToken);

        var events = await run.EventsAsync();

        var failed = Assert.IsType<RunFailed>(events[^1]);
        Assert.True(failed.BadInput);
        Assert.Contains("apgd-t wants 4 classes or more", failed.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(events, runEvent => runEvent is StepCompleted);
    }

    [Fact]
    public async Task EvalOnly_ASnapshotOfAnyStep_IsMeasuredAsAtTheEndAndLeftAsItIs()
    {
        var made = await cluster.CompleteAsync(Spec with { EvalAttacks = "pgd", EvalEpsilons = "0.5", EvalSamples = 30, EvalAttackSamples = 0, EvalNoise = "", SnapshotEvery = 1, KeepSnapshots = 20, Workers = 1, ThreadsPerWorker = 2, EmaDecay = 0.9 });
        var folder = made.Spec.OutputDirectory;
        var before = Directory.EnumerateFileSystemEntries(folder).Order().ToList();
        var middle = SnapshotStore.List(folder).Single(name => name.Step == 3);
        var only = made.Spec with { EvalOnly = true, ResumeFrom = folder, LogicalShards = 8, BatchSize = 16, Workers = 3 };

        var events = await (await cluster.Client.StartAsync(only with { OutputDirectory = cluster.NewFolder() }, TestContext.Current.CancellationToken)).EventsAsync();
        var at3 = await cluster.CompleteAsync(only with { OutputDirectory = cluster.NewFolder(), ResumeFrom = Path.Combine(folder, middle.ToString()), Workers = 2, EvalAttacks = "" });

        var again = Assert.IsType<RunCompleted>(events[^1]);
        Assert.Equal((made.TestLoss, made.TestAccuracy, made.Curvature, made.WeightsSha256, made.Steps), (again.TestLoss, again.TestAccuracy, again.Curvature, again.WeightsSha256, again.Steps));
        Assert.Equal(Json(made.Robustness!), Json(again.Robustness!));
        Assert.DoesNotContain(events, runEvent => runEvent is StepCompleted or EpochCompleted or SnapshotCommitted or RunWarning);
        Assert.Equal((3, null), (at3.Steps, at3.Robustness!.Attacks));
        Assert.NotEqual(made.TestLoss, at3.TestLoss);
        Assert.Equal(before, Directory.EnumerateFileSystemEntries(folder).Order());
        Assert.Equal(["evaluation.json"], Directory.EnumerateFileSystemEntries(again.Spec.OutputDirectory).Select(Path.GetFileName));
    }

    private static List<(double? Bound, string Shares)> BoundsOf(IEnumerable<RunEvent> events) =>
        [.. events.OfType<EpochCompleted>().Select(epoch => (epoch.CurvatureBound, string.Join(' ', [.. epoch.CurvatureShares!, .. epoch.Layers!])))];

    private static string Json(RobustnessFigures figures) => JsonSerializer.Serialize(figures, RunEventJson.Options);

    // As lcnn eval measures it.
    private static async Task<RobustnessFigures> AloneAsync(RunCompleted run)
    {
        var spec = run.Spec;
        var test = (await new DataSetLoader().LoadAsync(DataSetRequests.Of(spec), null, TestContext.Current.CancellationToken)).Test;
        var network = Architectures.Build(spec.DescribedNetwork(), spec.NetworkParameters, test, spec.SpectralGrid);
        var plan = RobustnessPlans.Of(spec).Within(test.Count);
        using var threads = new ComputeThreads(2, "alone");
        using var trained = TrainedNetwork.Load(network, ModelFile.Read(run.ModelPath).Content.Tensors, run.ModelPath);
        using var subject = new RobustnessSubject(plan, network, trained.Layers, test);
        var curvature = new CurvatureMeasurement(spec.CurvatureSamples, spec.CurvatureIterations, spec.Seed).MeasureAll(network, trained.Layers, test, threads);
        return RobustnessSummary.Of(plan, subject, RobustnessResults.Measure(plan, subject, threads), network.Classes, curvature);
    }
}
