using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.Grains.Sweeps;

/// <summary>What becomes of a trial after an epoch.</summary>
public enum TrialVerdict
{
    Continue,
    /// <summary>It is not worth finishing.</summary>
    Stop,
}

/// <summary>A verdict and its reason.</summary>
/// <param name="Verdict">What becomes of the trial.</param>
/// <param name="Reason">Why, for people; empty when it trains on.</param>
public readonly record struct TrialDecision(TrialVerdict Verdict, string Reason = "");

/// <summary>A paused trial that goes on to a higher rung.</summary>
/// <param name="Rung">The rung it is trained to.</param>
/// <param name="TargetEpochs">Epochs at that rung.</param>
public sealed record TrialPromotion(int Number, int Rung, int TargetEpochs);

/// <summary>Ends trials early. Decides from what is recorded and from nothing else, so that a decision made twice is the same.</summary>
/// <remarks>It is told of every trial as it changes, and of all when a sweep is taken up: a decision does not go through all trials again.</remarks>
public interface IScheduler
{
    /// <summary>Takes in a trial as it is recorded now; told the same again, it knows no more.</summary>
    void Note(TrialEntry trial);

    /// <summary>What becomes of a running trial whose newest report is recorded.</summary>
    TrialDecision Decide(TrialEntry trial);

    /// <summary>The paused trial that takes the next free place, before any new trial; null when none has earned it yet.</summary>
    TrialPromotion? NextPromotion();

    /// <summary>Epochs to which a trial is trained before it waits at a rung, or its end.</summary>
    int TargetEpochs(int rung);
}

/// <summary>The schedulers by name.</summary>
public static class Schedulers
{
    /// <summary>The scheduler of a valid spec.</summary>
    public static IScheduler Create(SweepSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return spec.Scheduler.Kind switch
        {
            "none" => new NoneScheduler(spec),
            "median" => new MedianScheduler(spec),
            "asha" => new AshaScheduler(spec),
            _ => throw new ArgumentOutOfRangeException(nameof(spec), spec.Scheduler.Kind, $"expected one of {string.Join(", ", SweepNames.Schedulers)}"),
        };
    }
}

/// <summary>Every trial is trained to its end.</summary>
public sealed class NoneScheduler(SweepSpec spec) : IScheduler
{
    /// <inheritdoc/>
    public void Note(TrialEntry trial)
    {
    }

    /// <inheritdoc/>
    public TrialDecision Decide(TrialEntry trial) => new(TrialVerdict.Continue);

    /// <inheritdoc/>
    public TrialPromotion? NextPromotion() => null;

    /// <inheritdoc/>
    public int TargetEpochs(int rung) => spec.TrialEpochs();
}
