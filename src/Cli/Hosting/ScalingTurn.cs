using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Client;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Cli.Hosting;

/// <summary>One turn of one variant: runs that go on until each has made its steps while all of them ran.</summary>
internal sealed class ScalingTurn
{
    private const int WarmUps = 10;

    private ScalingTurn(double samplesPerSecond, StepPhases phases) => (SamplesPerSecond, Phases) = (samplesPerSecond, phases);

    /// <summary>Of all runs together, each from the median of its timed steps.</summary>
    public double SamplesPerSecond { get; }

    /// <summary>Of a step and a worker.</summary>
    public StepPhases Phases { get; }

    /// <exception cref="InvalidOperationException">A run ended before its steps were made.</exception>
    public static async Task<ScalingTurn> MakeAsync(IRunLauncher launcher, IEnumerable<RunSpec> specs, int steps, CancellationToken cancellationToken)
    {
        var runs = await Task.WhenAll(specs.Select(spec => launcher.StartAsync(spec, cancellationToken)));
        var watches = runs.Select(run => new StepWatch(run)).ToList();
        var following = watches.ConvertAll(watch => watch.FollowAsync(cancellationToken));
        try
        {
            await StepWatch.AllReachAsync(watches, following, WarmUps, cancellationToken);
            watches.ForEach(watch => watch.Restart());
            await StepWatch.AllReachAsync(watches, following, steps, cancellationToken);
            var samplesPerSecond = watches.Sum(watch => Median(watch.Rates));
            await Task.WhenAll(runs.Select(run => run.CancelAsync("the benchmark has its steps", cancellationToken)));
            var ends = await Task.WhenAll(following);
            return new ScalingTurn(samplesPerSecond, PhasesOf([.. ends.OfType<RunCancelled>().SelectMany(end => end.Ranks.Select(rank => (rank, end.Step)))]));
        }
        catch
        {
            await Task.WhenAll(runs.Select(run => run.CancelAsync("the benchmark was stopped", CancellationToken.None)));
            throw;
        }
    }

    private static StepPhases PhasesOf(IReadOnlyList<(RankReport Rank, long Steps)> ranks) => new(
        ranks.Average(of => 1000 * of.Rank.DataSeconds / of.Steps),
        ranks.Average(of => 1000 * of.Rank.ForwardSeconds / of.Steps),
        ranks.Average(of => 1000 * (of.Rank.ComputeSeconds - of.Rank.ForwardSeconds) / of.Steps),
        ranks.Average(of => 1000 * of.Rank.WaitSeconds / of.Steps),
        ranks.Average(of => 1000 * of.Rank.OwnerSeconds / of.Steps),
        ranks.Average(of => (double)of.Rank.BytesSent.Values.Sum() / of.Steps));

    private static double Median(IReadOnlyList<double> values)
    {
        return values.Order().ElementAt(values.Count / 2);
    }
}
