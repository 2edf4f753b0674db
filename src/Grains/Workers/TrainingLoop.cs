using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Workers;
using Lcnn.Distributed.Grains.Collectives;
using Lcnn.Distributed.Grains.Robustness;
using Lcnn.Distributed.Grains.Runs;
using Lcnn.Distributed.Model.Native;
using Lcnn.Distributed.Model.Optimizers;
using Lcnn.Distributed.Model.Training;

namespace Lcnn.Distributed.Grains.Workers;

/// <summary>A rank's whole part in a run, on its own thread: steps, evaluations, snapshots, curvature, robustness.</summary>
/// <remarks>
/// Ranks drive each other through their parcels alone. A stop is asked of the leading rank, which puts it into the parcels of its next
/// prepare; so every rank learns of it in the same step and ends after that step's apply, where the state is what snapshots hold.
/// </remarks>
internal sealed class TrainingLoop(WorkerReplica replica, RankChannel channel, ReportPump reports, TimeProvider clock, CancellationToken cancellationToken)
{
    private const int StepsBetweenTrims = 128;
    private static readonly TimeSpan _timeBetweenReports = TimeSpan.FromSeconds(1);

    private readonly EpochMeter _meter = new();
    private readonly Throughput _run = new();
    private readonly Throughput _epoch = new();
    private readonly Lock _stop = new();
    private bool _stopRequested;
    private bool _measuring;
    private readonly RankSamples _samples = new(replica.Plan, channel.WorldSize);
    private long _step;
    private long _resumedSamples;
    private long? _toldAt;

    /// <summary>Asks for the end after the step at hand.</summary>
    /// <returns>False when training is over and its snapshot on the way: then nothing is lost by stopping at once.</returns>
    public bool RequestStop()
    {
        lock (_stop)
        {
            _stopRequested = true;
            return !_measuring;
        }
    }

    /// <summary>Runs to the end.</summary>
    /// <exception cref="TrainingFailure">Training diverged.</exception>
    /// <exception cref="OperationCanceledException">The run was ended from outside.</exception>
    public WorkerFinished Run()
    {
        using var threads = new ComputeThreads(replica.Threads, $"rank-{channel.Rank}", channel.Activity.Advance, cancellationToken);
        using var exchange = new StepExchange(replica, channel, threads);
        var measures = new StepMeasures(replica, channel, exchange);
        var evaluation = new EvaluationPhase(replica, channel, reports, threads, clock);
        var snapshots = new SnapshotPhase(replica, channel, reports);
        Resume();
        if (replica.Evaluated is { } model)
        {
            return Measure(measures, threads, Evaluate(evaluation, measures), model);
        }

        // Resumed where training ends, there is no epoch to train, but one to evaluate.
        var stopped = IsPauseDueAt(_step);
        var epoch = stopped || _step == replica.TotalSteps ? CompleteEpoch(evaluation, measures) : null;
        while (!stopped && _step < replica.TotalSteps)
        {
            stopped = MakeStep(exchange, measures) || IsPauseDueAt(_step);
            epoch = EndsEpochAt(_step) ? CompleteEpoch(evaluation, measures) : epoch;
            if ((stopped || IsSnapshotDueAt(_step)) && _step < replica.TotalSteps)
            {
                snapshots.Write(_step, Epoch, _meter, _samples, isLast: stopped);
            }
        }

        if (_step < replica.TotalSteps)
        {
            return Finish(measures, stopped: true, null);
        }

        return Measure(measures, threads, epoch, snapshots.Write(_step, Epoch, _meter, _samples, isLast: true));
    }

    // The end of a run, when its weights are safe.
    private WorkerFinished Measure(StepMeasures measures, ComputeThreads threads, EpochCompleted? epoch, WrittenModel? model)
    {
        using var final = MeasuredLayers.Collect(replica, channel, BeginMeasuring());
        if (final.StopRequested)
        {
            return Finish(measures, stopped: true, null);
        }

        var curvature = new CurvaturePhase(replica, channel, reports, threads, clock).Measure(final.Layers);
        var robustness = new RobustnessPhase(replica, channel, reports, threads, clock, cancellationToken).Measure(final.Layers, curvature);
        var results = channel.Leads ? RunResults.Of(replica, _step, epoch!, curvature, robustness, model!, _run.SamplesPerSecond) : null;
        return Finish(measures, stopped: false, results);
    }

    // A stop that came too late for the last step still spares the ranks the measurement.
    private bool BeginMeasuring()
    {
        lock (_stop)
        {
            _measuring = true;
            return _stopRequested;
        }
    }

    private bool IsStopRequested()
    {
        lock (_stop)
        {
            return _stopRequested;
        }
    }

    // From 1; the step that ends an epoch belongs to it.
    private int Epoch => (int)((Math.Max(1, _step) - 1) / replica.Plan.StepsPerEpoch) + 1;

    private bool IsPauseDueAt(long step) => replica.Spec.PauseAfterEpoch > 0 && step == (long)replica.Spec.PauseAfterEpoch * replica.Plan.StepsPerEpoch;

    private bool EndsEpochAt(long step) => step % replica.Plan.StepsPerEpoch == 0;

    private bool IsSnapshotDueAt(long step) =>
        replica.Spec.SnapshotEvery == 0 ? EndsEpochAt(step) : step % replica.Spec.SnapshotEvery == 0;

    // Whether nobody reads the state between a step and the next; evaluation, snapshots and the end do.
    private bool LeadsOn(long step, bool stopped) =>
        !stopped && step < replica.TotalSteps && !IsPauseDueAt(step) && !EndsEpochAt(step) && !IsSnapshotDueAt(step);

    private void Resume()
    {
        _step = replica.ResumedAtStep;
        if (replica.ResumedRun is { } run)
        {
            SnapshotPhase.Restore(run, _meter, _samples);
            _resumedSamples = _samples[channel.Rank];
        }
    }

    private bool MakeStep(StepExchange exchange, StepMeasures measures)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var span = measures.Begin(_step);
        var spec = replica.Spec;
        var start = clock.GetTimestamp();
        var rate = ScheduledRate.At(spec, _step, replica.Plan.StepsPerEpoch);
        var options = new StepOptions(
            new OptimizerStep(rate, _step + 1), replica.Objective, replica.Statistics, spec.ClipGradientNorm > 0 ? spec.ClipGradientNorm : null);
        try
        {
            var outcome = exchange.Make(_step, options, IsStopRequested, stopped => LeadsOn(_step + 1, stopped));
            _step++;
            _samples.Add(outcome.Samples);
            var elapsed = clock.GetElapsedTime(start);
            measures.End(outcome.Samples, elapsed);
            TellWork(measures);
            if (outcome.Terms is not null)
            {
                Report(outcome.Terms, rate, elapsed);
            }

            if (channel.Leads && _step % StepsBetweenTrims == 0)
            {
                NativeHeap.Trim();
            }

            return outcome.Stop;
        }
        catch (NonFiniteGradientException exception)
        {
            throw new TrainingFailure($"step {_step + 1}: {exception.Message}", exception);
        }
    }

    private void Report(StepTerms terms, double learningRate, TimeSpan elapsed)
    {
        if (!double.IsFinite(terms.Loss))
        {
            throw new TrainingFailure($"step {_step}: the loss is {terms.Loss}; lower --lr or the loss weights, or look for bad samples");
        }

        _run.Add(terms.Samples, elapsed);
        _epoch.Add(terms.Samples, elapsed);
        _meter.Add(Epoch, terms);
        reports.Post(new StepCompleted
        {
            Step = _step,
            Epoch = Epoch,
            Loss = terms.Loss,
            LossTerms = new LossTerms
            {
                CrossEntropy = terms.CrossEntropy,
                BetaTerm = terms.BetaTerm,
                GammaTerm = terms.GammaTerm,
                GradientNorm = terms.GradientNorm,
            },
            LearningRate = learningRate,
            SamplesPerSecond = terms.Samples / elapsed.TotalSeconds,
            TrainAccuracy = (double)terms.Correct / terms.Samples,
        });
    }

    private EpochCompleted? CompleteEpoch(EvaluationPhase evaluation, StepMeasures measures)
    {
        if (Evaluate(evaluation, measures) is not { } epoch)
        {
            return null;
        }

        _epoch.Reset();
        reports.Post((coordinator, generation) => coordinator.ReportEpochAsync(generation, epoch, CancellationToken.None));
        return epoch;
    }

    private EpochCompleted? Evaluate(EvaluationPhase evaluation, StepMeasures measures)
    {
        // Evaluation's tensors have other sizes than training's: neither should be laid out in the other's leftovers.
        NativeHeap.Trim();
        var result = evaluation.Evaluate(_step);
        NativeHeap.Trim();
        if (result is not { Score: var score })
        {
            return null;
        }

        return new EpochCompleted
        {
            Epoch = Epoch,
            Step = _step,
            TrainLoss = _meter.Loss,
            TrainAccuracy = _meter.Accuracy,
            LossTerms = _meter.Terms,
            TestLoss = score.Loss,
            TestAccuracy = score.Accuracy,
            SamplesPerSecond = _epoch.SamplesPerSecond,
            Beta = result.Beta,
            Gamma = result.Gamma,
            EmaTestLoss = result.Average?.Loss,
            EmaTestAccuracy = result.Average?.Accuracy,
            CurvatureBound = result.Bound?.Logits.JacobianLipschitz,
            CurvatureShares = result.Bound is { } bound ? [.. bound.Shares.Select(CertificateSummary.ShareOf)] : null,
            Layers = result.Layers.Count > 0 ? result.Layers : null,
            StepTimes = measures.TakeEpoch(),
        };
    }

    private WorkerFinished Finish(StepMeasures measures, bool stopped, RunCompleted? results) => new()
    {
        Stopped = stopped,
        Step = _step,
        Results = results,
        Report = WorkOf(measures),
    };

    // Read for the next pulse: not at every step, of which there may be thousands a second.
    private void TellWork(StepMeasures measures)
    {
        if (_toldAt is not { } at || clock.GetElapsedTime(at) >= _timeBetweenReports)
        {
            channel.Activity.Tell(WorkOf(measures));
            _toldAt = clock.GetTimestamp();
        }
    }

    private RankReport WorkOf(StepMeasures measures) => measures.Report(_samples[channel.Rank], _samples[channel.Rank] - _resumedSamples);
}
