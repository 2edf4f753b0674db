using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Data.Catalog;
using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Grains.Robustness;
using Lcnn.Distributed.Grains.Workers;
using Lcnn.Distributed.Model.Curvature;
using Lcnn.Distributed.Model.Evaluation;
using Lcnn.Distributed.Model.Native;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Robustness;
using Lcnn.Distributed.Model.Training;

namespace Lcnn.Distributed.Cli.Hosting;

/// <summary>Measures a snapshot on its data set's test samples, in this process.</summary>
internal sealed class SnapshotEvaluator : IEvaluator
{
    public async Task<EvaluationReport> EvaluateAsync(EvaluationRequest request, IProgress<EvaluationProgress> progress, CancellationToken cancellationToken)
    {
        try
        {
            NativeLibrary.Check();
            var model = EvaluatedModel.Read(request, Console.Error.WriteLine);
            var wanted = DataSetRequests.Of(model.Spec);
            var data = await new DataSetLoader().LoadAsync(wanted with { DataDirectory = request.DataDirectory ?? wanted.DataDirectory }, null, cancellationToken);
            if (data.LeftOut is { } leftOut)
            {
                Console.Error.WriteLine($"warning: {leftOut}");
            }

            return await Task.Factory.StartNew(
                () => Measure(request, model, Limit(data.Test, request.TestLimit ?? model.Spec.TestLimit), progress, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        catch (Exception exception) when (ModelErrors.Of(exception, "lower --threads or --curvature-samples") is { } said)
        {
            throw said;
        }
    }

    private static EvaluationReport Measure(
        EvaluationRequest request, EvaluatedModel model, ILabelledImages test, IProgress<EvaluationProgress> progress, CancellationToken cancellationToken)
    {
        var spec = model.Spec;
        var network = Architectures.Build(spec.DescribedNetwork(), spec.NetworkParameters, test, spec.SpectralGrid);
        var plan = RobustnessPlans.Of(request.Robustness).Within(test.Count) with { Seed = request.Seed ?? spec.Seed };
        plan.Check(network.Classes); // before the rest is measured
        using var threads = new ComputeThreads(request.Threads, "eval"); // first: one intra-op thread for all below, as in training
        using var trained = TrainedNetwork.Load(network, model.Tensors, model.Source, DeviceArgument.Find(request.Device));
        var scoring = new PhaseWork(EvaluationPhase.Score, Evaluator.Batches(test.Count), test.Count, progress, cancellationToken);
        var score = Evaluator.Score(network, trained.Layers, test, .., threads, () => scoring.Add(1)).Aggregate(BatchScore.Add);
        var curvatures = MeasureCurvature(request, spec, trained, test, threads, progress, cancellationToken);
        var curvature = MeanCurvature.Of(curvatures);
        var (figures, results) = MeasureRobustness(plan, trained, test, curvatures, threads, progress, cancellationToken);
        return new EvaluationReport
        {
            Snapshot = model.Source,
            Dataset = spec.Dataset,
            Architecture = spec.Architecture,
            Step = model.Step,
            TestSamples = score.Samples,
            TestAccuracy = score.Accuracy,
            TestLoss = score.Loss,
            Curvature = curvature.Mean.Curvature,
            HessianNorm = curvature.Mean.HessianNorm,
            GradNorm = curvature.Mean.GradientNorm,
            RayleighHessianNorm = curvature.Mean.RayleighHessianNorm,
            CurvatureSamples = curvature.Samples,
            WeightsSha256 = model.WeightsSha256,
            ClassNames = test.ClassNames,
            Attacks = figures?.Attacks,
            Certificate = figures?.Certificate,
            Noise = figures?.Noise,
            Violations = figures?.Violations ?? [],
            Samples = new EvaluationSamples(plan, curvatures, results),
        };
    }

    private static IReadOnlyList<SampleCurvature> MeasureCurvature(
        EvaluationRequest request, RunSpec spec, TrainedNetwork trained, ILabelledImages test, ComputeThreads threads,
        IProgress<EvaluationProgress> progress, CancellationToken cancellationToken)
    {
        var wanted = Math.Min(request.CurvatureSamples ?? Recipes.DefaultCurvatureSamples(spec.Architecture), test.Count);
        var measurement = new CurvatureMeasurement(wanted, spec.CurvatureIterations, spec.Seed);
        var work = new PhaseWork(EvaluationPhase.Curvature, measurement.Batches * measurement.Iterations, wanted, progress, cancellationToken);
        return measurement.MeasureAll(trained.Network, trained.Layers, test, threads, () => work.Add(1));
    }

    private static (RobustnessFigures?, RobustnessResults?) MeasureRobustness(
        RobustnessPlan plan, TrainedNetwork trained, ILabelledImages test, IReadOnlyList<SampleCurvature> curvatures, ComputeThreads threads,
        IProgress<EvaluationProgress> progress, CancellationToken cancellationToken)
    {
        if (plan.Parts.Count == 0)
        {
            return (null, null);
        }

        var (network, parts) = (trained.Network, plan.Parts);
        using var subject = new RobustnessSubject(plan, network, trained.Layers, test, cancellationToken.ThrowIfCancellationRequested);
        var works = parts.Select(part => part.Kind).Distinct().ToDictionary(kind => kind, kind => new PhaseWork(
            PhaseOf(kind), parts.Where(part => part.Kind == kind).Sum(part => plan.MostWork(part, network.Classes)), plan.SamplesOf(kind), progress, cancellationToken));
        var results = RobustnessResults.Measure(plan, subject, threads, (part, work) => works[part.Kind].Add(work));
        return (RobustnessSummary.Of(plan, subject, results, network.Classes, curvatures), results);
    }

    private static EvaluationPhase PhaseOf(RobustnessKind kind) => kind switch
    {
        RobustnessKind.Noise => EvaluationPhase.Noise,
        RobustnessKind.Certificate => EvaluationPhase.Certificates,
        _ => EvaluationPhase.Attacks,
    };

    private static ILabelledImages Limit(ILabelledImages test, int limit) => limit == 0 || limit >= test.Count ? test : test.Take(limit);

    // Called from all compute threads.
    private sealed class PhaseWork(EvaluationPhase phase, double total, int samples, IProgress<EvaluationProgress> progress, CancellationToken cancellationToken)
    {
        private readonly Lock _lock = new();
        private double _done;

        public void Add(double work)
        {
            cancellationToken.ThrowIfCancellationRequested();
            lock (_lock)
            {
                _done += work;
                progress.Report(new EvaluationProgress(phase, Math.Min(1, _done / total), samples));
            }
        }
    }
}
