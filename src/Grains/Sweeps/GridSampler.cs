using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.Grains.Sweeps;

/// <summary>Every cell of the grid once; the first parameter changes slowest.</summary>
public sealed class GridSampler(SearchSpace space) : ISampler
{
    private readonly IReadOnlyList<ParameterSet> _cells = [.. space.Cells()];

    /// <inheritdoc/>
    public int? TrialCount => _cells.Count;

    /// <inheritdoc/>
    public bool IsReady(int number, int finished) => true;

    /// <inheritdoc/>
    public ParameterSet Sample(int number, int draw, IReadOnlyList<TrialEntry> trials) => _cells[draw - 1];
}
