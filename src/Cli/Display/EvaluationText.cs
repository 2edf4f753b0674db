using Lcnn.Distributed.Cli.Services;

namespace Lcnn.Distributed.Cli.Display;

/// <summary>Puts an evaluation's progress into words, with the time that is left of what is measured at the moment.</summary>
internal sealed class EvaluationText(TimeProvider clock)
{
    private static readonly TimeSpan _shortest = TimeSpan.FromSeconds(1); // before that a guess is worth nothing

    private EvaluationPhase? _phase;
    private long _begunAt;
    private double _begunShare;

    /// <summary>As in "attacks on 12/100 test samples, about 1:20 left".</summary>
    public string Of(EvaluationProgress progress)
    {
        if (_phase != progress.Phase)
        {
            (_phase, _begunAt, _begunShare) = (progress.Phase, clock.GetTimestamp(), progress.Share);
        }

        return $"{NameOf(progress.Phase)} {progress.Samples}/{progress.TotalSamples} test samples{Left(progress.Share)}";
    }

    private string Left(double share)
    {
        var elapsed = clock.GetElapsedTime(_begunAt);
        return elapsed < _shortest || share <= _begunShare ? "" : $", about {Format.Duration(elapsed * ((1 - share) / (share - _begunShare)))} left";
    }

    private static string NameOf(EvaluationPhase phase) => phase switch
    {
        EvaluationPhase.Score => "evaluated",
        EvaluationPhase.Curvature => "curvature of",
        EvaluationPhase.Noise => "gradients under noise of",
        EvaluationPhase.Certificates => "certified",
        EvaluationPhase.Robustness => "robustness of",
        _ => "attacks on",
    };
}
