using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.UnitTests.Cli;

/// <summary>Events of a small sweep.</summary>
internal static class SweepEvents
{
    public static DateTimeOffset Start { get; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static SweepStarted Started(params IReadOnlyList<GoalSpec> goals) => new()
    {
        SweepId = "sweep-1",
        Sequence = 1,
        Time = Start,
        Trials = 3,
        Spec = new SweepSpec
        {
            Name = "small",
            Base = Recipes.Default() with { Epochs = 4 },
            Parameters = [ParameterSpec.OneOf("lr", 0.1, 0.2, 0.3)],
            Goals = goals.Count > 0 ? goals : [new GoalSpec("testAccuracy", IsMaximized: true)],
        },
    };

    public static TrialStarted TrialStarted(int number, int attempt = 1) =>
        new() { Number = number, Parameters = Parameters(number), RunId = $"sweep-1-{number:d4}", Attempt = attempt, Time = Start.AddSeconds(10) };

    public static TrialReported Reported(int number, int epoch, double accuracy) =>
        new() { Number = number, Epoch = epoch, Metrics = Metrics(accuracy), Time = Start.AddSeconds(20) };

    public static TrialResult Result(int number, TrialState state, int epochs, double accuracy, string? error = null) => new()
    {
        Number = number,
        Parameters = Parameters(number),
        State = state,
        Epochs = epochs,
        Metrics = Metrics(accuracy),
        WeightsSha256 = "0123abcd",
        Error = error,
    };

    public static TrialCompleted Completed(int number, double accuracy) => new() { Trial = Result(number, TrialState.Completed, 4, accuracy), Time = Start.AddSeconds(60) };

    public static BestChanged Best(int number, double accuracy, params IReadOnlyList<int> front) =>
        new() { Best = Result(number, TrialState.Completed, 4, accuracy), ParetoFront = front, Time = Start.AddSeconds(60) };

    public static SweepCompleted SweepCompleted(params IReadOnlyList<TrialResult> trials) => new()
    {
        SweepId = "sweep-1",
        Time = Start.AddSeconds(90),
        Best = trials.Count > 0 ? trials[0] : null,
        Trials = trials,
        Epochs = 9,
        Seconds = 88.5,
        StopReason = "maxEpochs",
        OutputDirectory = "/runs/sweep",
    };

    public static SweepStatus Status(SweepPhase phase = SweepPhase.Running) => new()
    {
        SweepId = "sweep-1",
        Phase = phase,
        FreeSlots = 1,
        TotalSlots = 4,
        Elapsed = TimeSpan.FromSeconds(100),
        TimeLeft = TimeSpan.FromSeconds(50),
        Leaderboard = [Result(7, TrialState.Completed, 4, 0.7)],
    };

    private static ParameterSet Parameters(int number) => new([new("lr", number / 10.0)]);

    private static Dictionary<string, double> Metrics(double accuracy) => new() { ["testLoss"] = 1 - accuracy, ["testAccuracy"] = accuracy };
}
