using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.Grains.Sweeps;

namespace Lcnn.Distributed.UnitTests.Sweeps;

/// <summary>Trials as a sweep would have recorded them; the metric is testLoss.</summary>
internal static class Trials
{
    public static TrialEntry Completed(int number, ParameterSet parameters, double loss) =>
        new() { Number = number, Draw = number, Parameters = parameters, State = TrialState.Completed, Metrics = Of(loss) };

    /// <summary>A trial after one report for each loss.</summary>
    public static TrialEntry Reported(int number, TrialState state, int rung, params double[] losses) => new()
    {
        Number = number,
        Draw = number,
        State = state,
        Rung = rung,
        Epochs = losses.Length,
        Metrics = losses.Length > 0 ? Of(losses[^1]) : new Dictionary<string, double>(),
        Reports = [.. losses.Select((loss, i) => new TrialReport(i + 1, Of(loss)))],
    };

    /// <summary>What becomes of a trial among others.</summary>
    public static TrialDecision Decide(this IScheduler scheduler, TrialEntry trial, IEnumerable<TrialEntry> trials)
    {
        scheduler.Note(trials);
        return scheduler.Decide(trial);
    }

    /// <summary>The next promotion among these.</summary>
    public static TrialPromotion? NextPromotion(this IScheduler scheduler, IEnumerable<TrialEntry> trials)
    {
        scheduler.Note(trials);
        return scheduler.NextPromotion();
    }

    private static void Note(this IScheduler scheduler, IEnumerable<TrialEntry> trials)
    {
        foreach (var trial in trials)
        {
            scheduler.Note(trial);
        }
    }

    public static IReadOnlyDictionary<string, double> Of(double loss) => new Dictionary<string, double> { ["testLoss"] = loss };
}
