using CsCheck;
using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.UnitTests.Sweeps;

public sealed class LeaderboardTests
{
    private static readonly GoalSpec[] _accuracy = [new("testAccuracy", IsMaximized: true)];
    private static readonly GoalSpec[] _both = [new("testAccuracy", IsMaximized: true), new("curvature", IsMaximized: false)];

    [Fact]
    public void Rank_OneGoal_PutsCompletedTrialsFirstAndTiesByNumber()
    {
        TrialEntry[] trials =
        [
            Of(1, TrialState.Completed, 0.8), Of(2, TrialState.Stopped, 0.99) with { Epochs = 1 }, Of(3, TrialState.Completed, 0.9), Of(4, TrialState.Completed, 0.9),
            Of(5, TrialState.Failed, 1), Of(6, TrialState.Completed, double.NaN), Of(7, TrialState.Paused, 0.5) with { Epochs = 3 }, new() { Number = 8 },
        ];

        Assert.Equal([3, 4, 1, 6, 7, 2], Leaderboard.Rank(_accuracy, trials).Select(trial => trial.Number));
        Assert.Equal(3, Leaderboard.Best(_accuracy, trials)!.Number);
        Assert.Null(Leaderboard.Best(_accuracy, []));
    }

    [Fact]
    public void ParetoFront_TwoGoals_HoldsEveryTrialThatNoneBeatsInBoth()
    {
        TrialEntry[] trials =
        [
            Of(1, TrialState.Completed, 0.9, 5), Of(2, TrialState.Completed, 0.8, 2), Of(3, TrialState.Completed, 0.8, 3), Of(4, TrialState.Completed, 0.7, 2),
            Of(5, TrialState.Completed, 0.9, 5), Of(6, TrialState.Stopped, 0.99, 1), Of(7, TrialState.Completed, 0.5, 1),
        ];

        Assert.Equal([1, 2, 5, 7], Leaderboard.ParetoFront(_both, trials).Select(trial => trial.Number));
        Assert.Equal([1, 5, 2, 7, 3, 4, 6], Leaderboard.Rank(_both, trials).Select(trial => trial.Number));
    }

    [Fact]
    public void ParetoFront_AnyTrials_DominatesAllOthersAndNotItself() =>
        Gen.Select(Gen.Int[0, 6], Gen.Int[0, 6]).Array[1, 20].Sample(points =>
        {
            var trials = points.Select((point, i) => Of(i + 1, TrialState.Completed, point.Item1, point.Item2)).ToArray();
            var front = Leaderboard.ParetoFront(_both, trials).Select(trial => trial.Number).ToHashSet();

            for (var i = 0; i < points.Length; i++)
            {
                var beaten = points.Any(other => other.Item1 >= points[i].Item1 && other.Item2 <= points[i].Item2 && other != points[i]);
                Assert.Equal(!beaten, front.Contains(i + 1));
            }
        });

    private static TrialEntry Of(int number, TrialState state, double accuracy, double curvature = 0) => new()
    {
        Number = number,
        State = state,
        Metrics = new Dictionary<string, double> { ["testAccuracy"] = accuracy, ["curvature"] = curvature },
    };
}
