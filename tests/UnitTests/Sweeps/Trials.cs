using Lcnn.Distributed.Contracts.Sweeps;

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

    public static IReadOnlyDictionary<string, double> Of(double loss) => new Dictionary<string, double> { ["testLoss"] = loss };
}
