using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Cli.Display;

/// <summary>What the events so far add up to.</summary>
internal sealed class RunProgress(TimeProvider clock)
{
    private readonly List<EpochCompleted> _epochs = [];
    private long _startedAt = clock.GetTimestamp();
    private long _trainedAt;
    private (double Share, long At)? _robustnessBegun;

    public RunStarted? Started { get; private set; }

    public StepCompleted? Step { get; private set; }

    public IReadOnlyList<EpochCompleted> Epochs => _epochs;

    public SnapshotCommitted? Snapshot { get; private set; }

    /// <summary>How far the evaluation under way is; null while none is.</summary>
    public EvaluationProgressed? Evaluation { get; private set; }

    public CurvatureProgressed? Curvature { get; private set; }

    /// <summary>How far attacks, certificates and noise are; null before them.</summary>
    public RobustnessProgressed? Robustness { get; private set; }

    /// <summary>Their time left at the pace since they were first told of; null before it can be told.</summary>
    public TimeSpan? RobustnessTimeLeft => Robustness is { } now && _robustnessBegun is var (share, at) && now.Share > share
        ? clock.GetElapsedTime(at) * ((1 - now.Share) / (now.Share - share))
        : null;

    /// <summary>How far the data set that is being loaded is; null while none is.</summary>
    public DataSetDownloading? Loading { get; private set; }

    /// <summary>What the run waits for; null while it does not.</summary>
    public RunWaiting? Waiting { get; private set; }

    public RunEvent? Final { get; private set; }

    public long StepsDone { get; private set; }

    public long TotalSteps => Started?.TotalSteps ?? 0;

    /// <summary>Time since the run started.</summary>
    public TimeSpan Elapsed => clock.GetElapsedTime(_startedAt);

    /// <summary>Share of the steps that are done, 0..1.</summary>
    public double Share => TotalSteps == 0 ? 0 : Math.Clamp((double)StepsDone / TotalSteps, 0, 1);

    /// <summary>Training time left at the pace so far, evaluation included; null before the first step.</summary>
    public TimeSpan? TimeLeft
    {
        get
        {
            var made = StepsDone - (Started?.ResumedAtStep ?? 0);
            return made <= 0 || TotalSteps == 0
                ? null
                : clock.GetElapsedTime(_startedAt, _trainedAt) * ((double)(TotalSteps - StepsDone) / made);
        }
    }

    public void Apply(RunEvent runEvent)
    {
        Loading = runEvent as DataSetDownloading;
        Waiting = runEvent as RunWaiting ?? (runEvent is RunWarning ? Waiting : null);
        Evaluation = runEvent as EvaluationProgressed ?? (runEvent is RunWarning ? Evaluation : null);
        switch (runEvent)
        {
            case RunStarted started:
                Started = started;
                StepsDone = started.ResumedAtStep;
                _startedAt = clock.GetTimestamp();
                break;
            case StepCompleted step:
                Step = step;
                Reach(step.Step);
                break;
            case EpochCompleted epoch:
                _epochs.Add(epoch);
                Reach(epoch.Step);
                break;
            case SnapshotCommitted snapshot:
                Snapshot = snapshot;
                break;
            case CurvatureProgressed curvature:
                Curvature = curvature;
                break;
            case RobustnessProgressed robustness:
                Robustness = robustness;
                _robustnessBegun ??= (robustness.Share, clock.GetTimestamp());
                break;
            case { IsFinal: true }:
                Final = runEvent;
                break;
        }
    }

    private void Reach(long step)
    {
        StepsDone = step;
        _trainedAt = clock.GetTimestamp();
    }
}
