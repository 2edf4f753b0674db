using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.Grains.Sweeps;

/// <summary>Trials that are known beforehand, each once and in order: the cells of a grid, or a list.</summary>
public sealed class ListSampler(IEnumerable<ParameterSet> listed) : ISampler
{
    private readonly IReadOnlyList<ParameterSet> _trials = [.. listed];

    /// <inheritdoc/>
    public int? TrialCount => _trials.Count;

    /// <inheritdoc/>
    public bool IsReady(int number, int finished) => true;

    /// <inheritdoc/>
    public ParameterSet Sample(int number, int draw, IReadOnlyList<TrialEntry> trials) => _trials[draw - 1];
}
