using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Grains.Runs;

/// <summary>What the run has got done: each step, epoch and snapshot is logged once, however often a replay reports it.</summary>
internal sealed class RunHistory(RunEventLog log)
{
    private long _snapshotStep = log.Tail.LastSnapshot?.Step ?? 0;
    private (long Step, int Samples) _evaluated;
    private int _curvatureSamples;
    private double _robustnessShare = -1; // 0 says that it begins

    /// <summary>Newest step.</summary>
    public long Step { get; private set; } = log.Tail.LastStep;

    /// <summary>Newest epoch that was evaluated.</summary>
    public int Epoch { get; private set; } = log.Tail.LastEpoch;

    /// <summary>Begins behind the steps of a snapshot of another run.</summary>
    public void GoOnFrom(long step) => Step = Math.Max(Step, step);

    /// <summary>Steps in order; a replay's are passed over.</summary>
    public void Take(IReadOnlyList<StepCompleted> steps)
    {
        foreach (var step in steps.Where(step => step.Step > Step))
        {
            Step = step.Step;
            log.Append(step);
        }
    }

    public void Take(EpochCompleted epoch)
    {
        if (epoch.Epoch > Epoch)
        {
            Epoch = epoch.Epoch;
            log.Append(epoch);
        }
    }

    /// <summary>Progress of an evaluation.</summary>
    public void Take(EvaluationProgressed progress)
    {
        var evaluated = (progress.Step, progress.Samples);
        if (progress.Step >= Step && evaluated.CompareTo(_evaluated) > 0)
        {
            _evaluated = evaluated;
            log.Append(progress);
        }
    }

    public void Take(SnapshotCommitted snapshot)
    {
        if (snapshot.Step > _snapshotStep)
        {
            _snapshotStep = snapshot.Step;
            log.Append(snapshot);
        }
    }

    /// <summary>Progress of the curvature measurement.</summary>
    public void Take(CurvatureProgressed progress)
    {
        if (progress.Samples > _curvatureSamples)
        {
            _curvatureSamples = progress.Samples;
            log.Append(progress);
        }
    }

    /// <summary>Progress of attacks, certificates and noise.</summary>
    public void Take(RobustnessProgressed progress)
    {
        if (progress.Share > _robustnessShare)
        {
            _robustnessShare = progress.Share;
            log.Append(progress);
        }
    }
}
