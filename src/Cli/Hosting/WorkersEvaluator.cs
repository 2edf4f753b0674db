using System.Numerics;
using System.Text.Json.Nodes;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Client;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Data.Checkpoints;

namespace Lcnn.Distributed.Cli.Hosting;

/// <summary>Measures a model on workers, by a run that trains nothing: the figures are those of <see cref="SnapshotEvaluator"/>, for any number of them.</summary>
internal sealed class WorkersEvaluator(EvaluationPlace at, bool isDebugging, Action<string> warn) : IEvaluator
{
    public async Task<EvaluationReport> EvaluateAsync(EvaluationRequest request, IProgress<EvaluationProgress> progress, CancellationToken cancellationToken)
    {
        var scratch = at.IsRemote ? null : Directory.CreateTempSubdirectory("lcnn-eval-").FullName;
        try
        {
            var local = scratch is null ? null : ReadLocal(request, scratch); // what is wrong with it is said before anything starts
            await using var host = await RunHosts.OpenAsync(at.Place, isDebugging, cancellationToken);
            var model = local ?? await ReadRemoteAsync(request, host.Launcher, cancellationToken);
            var spec = Wanted(request, model.Made) with { ResumeFrom = model.Snapshot, OutputDirectory = scratch is null ? "" : Path.Combine(scratch, "report") };
            var run = await host.Launcher.StartAsync(spec, cancellationToken);
            return await FollowAsync(run, progress, cancellationToken) with { Snapshot = model.Source, Step = model.Step };
        }
        catch (InvalidSpecException exception)
        {
            throw new BadInputException(string.Join('\n', exception.Problems.Select(problem => $"{problem.Field}: {problem.Message}")), exception);
        }
        catch (Exception exception) when (ModelErrors.Of(exception, "lower --threads or --curvature-samples") is { } said)
        {
            throw said;
        }
        finally
        {
            Remove(scratch);
        }
    }

    private static void Remove(string? scratch)
    {
        try
        {
            if (scratch is not null)
            {
                Directory.Delete(scratch, recursive: true);
            }
        }
        catch (IOException)
        {
            // A silo that was stopped in the middle may still have a hand in it: no reason to lose figures or the exit code.
        }
    }

    // A bare file becomes a snapshot of its weights.
    private Found ReadLocal(EvaluationRequest request, string scratch)
    {
        var model = EvaluatedModel.Read(request, warn);
        if (Directory.Exists(model.Source))
        {
            return new Found(model.Source, model.Source, model.Spec, model.Step);
        }

        var name = SnapshotWriter.Write(scratch, new SnapshotContent(model.Step ?? 0, Epoch: 1, Generation: 1, [.. model.Tensors.Values], [], new JsonObject()));
        return new Found(model.Source, Path.Combine(scratch, name.ToString()), model.Spec, model.Step);
    }

    private async Task<Found> ReadRemoteAsync(EvaluationRequest request, IRunLauncher launcher, CancellationToken cancellationToken)
    {
        var content = await launcher.ReadFolderAsync(request.Snapshot, cancellationToken);
        content.Warnings.ToList().ForEach(warn);
        return content switch
        {
            { Problem: { } problem } => throw new BadInputException(problem),
            { Snapshot: { } snapshot, Spec: { } spec } => new Found(snapshot, snapshot, spec, content.Step),
            { Snapshot: { } snapshot } => throw new BadInputException($"{snapshot} does not say of which network and data set it is; evaluate it where it lies, with --arch and --dataset"),
            _ => throw new BadInputException($"the silos find no snapshot in '{request.Snapshot}'; expected the folder of a run or of a snapshot, as they see it"),
        };
    }

    // Shards and batches decide nothing here: there are as many as the workers need.
    private RunSpec Wanted(EvaluationRequest request, RunSpec made)
    {
        var workers = at.Workers ?? made.Workers;
        var shards = (int)BitOperations.RoundUpToPowerOf2((uint)workers);
        return request.Robustness.EvaluationFor(made) with
        {
            EvalOnly = true,
            Workers = workers,
            LogicalShards = shards,
            BatchSize = Math.Max(made.BatchSize, 2 * shards),
            TrainLimit = made.TrainLimit == 0 ? 0 : Math.Max(made.TrainLimit, 2 * shards),
            ThreadsPerWorker = at.Threads,
            Transport = "auto",
            PauseAfterEpoch = 0,
            EmaDecay = 0,
            DataDirectory = request.DataDirectory ?? made.DataDirectory,
            TestLimit = request.TestLimit ?? made.TestLimit,
            CurvatureSamples = request.CurvatureSamples ?? Recipes.DefaultCurvatureSamples(made.Architecture),
        };
    }

    private async Task<EvaluationReport> FollowAsync(IRunHandle run, IProgress<EvaluationProgress> progress, CancellationToken cancellationToken)
    {
        try
        {
            var samples = 0;
            await foreach (var runEvent in run.WatchAsync(0, cancellationToken))
            {
                switch (runEvent)
                {
                    case RunStarted { Spec.EvalOnly: false }:
                        await run.CancelAsync("its silos train where they were to evaluate", CancellationToken.None);
                        throw new OperationFailedException("the silos are of an earlier release, which can train but not evaluate; update them, or measure without --cluster");
                    case RunStarted started:
                        samples = started.TestSamples;
                        break;
                    case RunWarning warning:
                        warn($"warning: {warning.Message}");
                        break;
                    case RunWaiting waiting:
                        warn($"waiting for slots: {waiting.Reason}");
                        break;
                    case RunCompleted completed:
                        return ReportOf(completed, samples);
                    case RunFailed { BadInput: true } failed:
                        throw new BadInputException(failed.Error);
                    case RunFailed failed:
                        throw new OperationFailedException(failed.Error);
                    case RunCancelled cancelled:
                        throw new OperationFailedException($"the evaluation was stopped: {cancelled.Reason}");
                    default:
                        Tell(runEvent, progress);
                        break;
                }
            }

            throw new OperationFailedException($"the events of run {run.Id} ended without a result");
        }
        catch (OperationCanceledException)
        {
            await run.CancelAsync("lcnn eval was stopped", CancellationToken.None);
            throw;
        }
    }

    private static void Tell(RunEvent runEvent, IProgress<EvaluationProgress> progress)
    {
        if (runEvent switch
        {
            EvaluationProgressed at => new EvaluationProgress(EvaluationPhase.Score, (double)at.Samples / at.TotalSamples, at.TotalSamples),
            CurvatureProgressed at => new EvaluationProgress(EvaluationPhase.Curvature, (double)at.Samples / at.TotalSamples, at.TotalSamples),
            RobustnessProgressed at => new EvaluationProgress(EvaluationPhase.Robustness, at.Share, at.TotalSamples),
            _ => null,
        } is { } now)
        {
            progress.Report(now);
        }
    }

    private static EvaluationReport ReportOf(RunCompleted completed, int testSamples) => new()
    {
        Snapshot = "",
        Dataset = completed.Spec.Dataset,
        Architecture = completed.Spec.Architecture,
        TestSamples = testSamples,
        TestAccuracy = completed.TestAccuracy,
        TestLoss = completed.TestLoss,
        Curvature = completed.Curvature,
        HessianNorm = completed.HessianNorm,
        GradNorm = completed.GradNorm,
        RayleighHessianNorm = completed.RayleighHessianNorm,
        CurvatureSamples = completed.CurvatureSamples,
        WeightsSha256 = completed.WeightsSha256,
        ClassNames = completed.ClassNames,
        Attacks = completed.Robustness?.Attacks,
        Certificate = completed.Robustness?.Certificate,
        Noise = completed.Robustness?.Noise,
        Violations = completed.Robustness?.Violations ?? [],
    };

    // What is measured, the snapshot that workers read it from, and what it was made under.
    private sealed record Found(string Source, string Snapshot, RunSpec Made, long? Step);
}
