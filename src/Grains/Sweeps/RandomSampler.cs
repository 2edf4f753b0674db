using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.Data.Randomness;

namespace Lcnn.Distributed.Grains.Sweeps;

/// <summary>Every parameter uniform on its scale; a draw follows from (seed, draw, parameter) alone.</summary>
public sealed class RandomSampler(SearchSpace space, long seed) : ISampler
{
    private readonly ParameterAxis[] _axes = [.. space.Parameters.Select(ParameterAxis.Of)];

    /// <inheritdoc/>
    public int? TrialCount => null;

    /// <inheritdoc/>
    public bool IsReady(int number, int finished) => true;

    /// <inheritdoc/>
    public ParameterSet Sample(int number, int draw, IReadOnlyList<TrialEntry> trials)
    {
        var chosen = new Dictionary<string, OptionValue>();
        var items = new List<KeyValuePair<string, OptionValue>>();
        for (var i = 0; i < _axes.Length; i++)
        {
            var parameter = space.Parameters[i];
            if (SearchSpace.IsActive(parameter, chosen))
            {
                var source = RandomSource.For(seed, RandomPurpose.TrialParameters, draw, i);
                items.Add(new(parameter.Name, chosen[parameter.Name] = _axes[i].Draw(ref source)));
            }
        }

        return new ParameterSet(items);
    }
}
