using CsCheck;
using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.Grains.Sweeps;

namespace Lcnn.Distributed.UnitTests.Sweeps;

public sealed class LeaderboardTests
{
    private static readonly GoalSpec[] _accuracy = [new("testAccuracy", IsMaximized: true)];
    private static readonly GoalSpec[] _both = [new("testAccuracy", IsMaximized: true), new("curvature", IsMaximized: false)];

    private static readonly GoalSpec[] _three = [new("testAccuracy", IsMaximized: true), new("curvature", IsMaximized: false), new("seconds", IsMaximized: false)];

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

    [Fact]
    public void Rank_SeveralGoals_IsThatOfFrontsTakenOffOneByOne() =>
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, 5], Gen.Int[0, 2]).Array[1, 25].Sample(points =>
        {
            var trials = points.Select((point, i) => Of(i + 1, TrialState.Completed, point.Item1, point.Item2, point.Item3)).ToArray();
            var expected = new List<int>();
            for (var left = trials.ToList(); left.Count > 0;)
            {
                var front = Leaderboard.ParetoFront(_three, left).ToList();
                expected.AddRange(front
                    .OrderByDescending(trial => trial.Metrics["testAccuracy"]).ThenBy(trial => trial.Metrics["curvature"]).ThenBy(trial => trial.Metrics["seconds"])
                    .ThenBy(trial => trial.Number).Select(trial => trial.Number));
                left.RemoveAll(front.Contains);
            }

            Assert.Equal(expected, Leaderboard.Rank(_three, trials).Select(trial => trial.Number));
        });

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Ranking_TrialsThatChange_IsAlwaysThatOfTheLeaderboard(int goals) =>
        Gen.Select(Gen.Int[1, 12], Gen.Int[0, 4], Gen.Int[0, 4], Gen.Int[0, 3], Gen.Enum<TrialState>()).Array[1, 60].Sample(changes =>
        {
            var (sought, trials) = (_three[..goals], new SortedDictionary<int, TrialEntry>());
            var ranking = new TrialRanking(sought);
            var front = (Numbers: "", Version: 0);
            foreach (var (number, accuracy, curvature, epochs, state) in changes)
            {
                if (trials.GetValueOrDefault(number)?.State == TrialState.Completed)
                {
                    continue; // changes no more
                }

                trials[number] = Of(number, state, accuracy, curvature, epochs) with { Epochs = epochs, Metrics = epochs == 0 ? new Dictionary<string, double>() : Of(1, state, accuracy, curvature, epochs).Metrics };
                ranking.Note(trials[number]);

                var expected = Leaderboard.Rank(sought, trials.Values).Select(trial => trial.Number).ToList();
                Assert.Equal(expected.Count > 0 ? expected[0] : null, ranking.Best);
                Assert.Equal(expected.Take(4), ranking.Top(4));
                Assert.Equal(goals == 1 ? [] : Leaderboard.ParetoFront(sought, trials.Values).Select(trial => trial.Number), ranking.Front);
                var now = (Numbers: string.Join(' ', ranking.Front), Version: ranking.FrontVersion);
                Assert.Equal(now.Numbers == front.Numbers, now.Version == front.Version);
                front = now;
            }
        });

    private static TrialEntry Of(int number, TrialState state, double accuracy, double curvature = 0, double seconds = 0) => new()
    {
        Number = number,
        State = state,
        Metrics = new Dictionary<string, double> { ["testAccuracy"] = accuracy, ["curvature"] = curvature, ["seconds"] = seconds },
    };
}
