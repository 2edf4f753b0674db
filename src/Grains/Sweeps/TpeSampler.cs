using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.Data.Randomness;

namespace Lcnn.Distributed.Grains.Sweeps;

/// <summary>
/// Tree-structured Parzen estimator (Bergstra et al. 2011): of several draws from the density of the best tenth of the trials, the one that
/// is likeliest there and least likely among the others; each parameter by itself, over the trials that have it.
/// </summary>
/// <remarks>
/// With scheduler "none" trial k goes by trials 1 .. k - maxConcurrent, and waits for them: it follows from the sweep's spec alone. With
/// another scheduler it goes by what is recorded when it is chosen. Of a longer history the best are chosen among all trials, and the others
/// are the newest 1,000: what a choice costs is bounded.
/// </remarks>
public sealed class TpeSampler : ISampler
{
    private const double BestShare = 0.1;
    private const int MostBest = 25;
    private const int MostOthers = 1_000;

    private readonly SearchSpace _space;
    private readonly SweepSpec _spec;
    private readonly ParameterAxis[] _axes;
    private readonly RandomSampler _startup;

    /// <summary>The sampler of a sweep.</summary>
    public TpeSampler(SearchSpace space, SweepSpec spec)
    {
        (_space, _spec) = (space, spec);
        _axes = [.. space.Parameters.Select(ParameterAxis.Of)];
        _startup = new RandomSampler(space, spec.SamplerSeed());
    }

    /// <inheritdoc/>
    public int? TrialCount => null;

    private bool IsReproducible => _spec.Scheduler.Kind == "none";

    /// <inheritdoc/>
    public bool IsReady(int number, int finished) => !IsReproducible || finished >= number - _spec.MaxConcurrent;

    /// <inheritdoc/>
    public ParameterSet Sample(int number, int draw, IReadOnlyList<TrialEntry> trials)
    {
        var history = History(number, trials);
        if (history.Length < _spec.Sampler.StartupTrials)
        {
            return _startup.Sample(number, draw, trials);
        }

        var bestCount = Math.Min((int)Math.Ceiling(BestShare * history.Length), MostBest);
        var best = BestOf(history, bestCount);
        history = [.. history.Where((trial, index) => history.Length - index <= MostOthers || best.Contains(trial.Number))];
        var chosen = new Dictionary<string, OptionValue>();
        var items = new List<KeyValuePair<string, OptionValue>>();
        for (var i = 0; i < _axes.Length; i++)
        {
            var parameter = _space.Parameters[i];
            if (SearchSpace.IsActive(parameter, chosen))
            {
                var source = RandomSource.For(_spec.SamplerSeed(), RandomPurpose.TrialParameters, draw, i);
                var value = Choose(i, history, best, ref source);
                items.Add(new(parameter.Name, chosen[parameter.Name] = value));
            }
        }

        return new ParameterSet(items);
    }

    // Failed trials say nothing about their parameters; paused ones count by what they have reported.
    private TrialEntry[] History(int number, IReadOnlyList<TrialEntry> trials) =>
    [
        .. trials.Where(trial => IsReproducible ? trial.Number <= number - _spec.MaxConcurrent && trial.IsFinished : trial.IsFinished || trial.State == TrialState.Paused)
            .Where(trial => trial.State != TrialState.Failed)
            .OrderBy(trial => trial.Number),
    ];

    private HashSet<int> BestOf(TrialEntry[] history, int count)
    {
        if (_spec.Goals.Count > 1)
        {
            return [.. Leaderboard.Rank(_spec.Goals, history).Take(count).Select(trial => trial.Number)];
        }

        var best = new SortedSet<TrialRank>();
        foreach (var trial in history)
        {
            if (TrialRank.Of(_spec.Goals, trial) is { } rank && (best.Count < count || rank.CompareTo(best.Max) < 0))
            {
                best.Add(rank);
                if (best.Count > count)
                {
                    best.Remove(best.Max);
                }
            }
        }

        return [.. best.Select(rank => rank.Number)];
    }

    private OptionValue Choose(int index, TrialEntry[] history, HashSet<int> best, ref RandomSource source)
    {
        var axis = _axes[index];
        List<double> good = [], others = [];
        foreach (var trial in history)
        {
            if (trial.Parameters[_space.Parameters[index].Name] is { } value)
            {
                (best.Contains(trial.Number) ? good : others).Add(axis.CoordinateOf(value));
            }
        }

        var (likely, unlikely) = (DensityOf(axis, good), DensityOf(axis, others));
        var (chosen, highest) = (0.0, double.NegativeInfinity);
        for (var i = 0; i < _spec.Sampler.Candidates; i++)
        {
            var candidate = likely.Draw(ref source);
            var score = Math.Log(likely.At(candidate)) - Math.Log(unlikely.At(candidate));
            if (i == 0 || score > highest)
            {
                (chosen, highest) = (candidate, score);
            }
        }

        return axis.ValueAt(chosen);
    }

    private static IDensity DensityOf(ParameterAxis axis, List<double> observations) =>
        axis.CategoryCount is { } count ? new CategoryDensity(count, observations) : new ParzenEstimator(axis, observations);
}
