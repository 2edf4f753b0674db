using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.Grains.Catalogs;

/// <summary>The sweeps; those that are done go first.</summary>
public sealed class SweepCatalog : Catalog<SweepEntry>
{
    /// <summary>Newest first.</summary>
    public List<SweepEntry> Sweeps { get; set; } = [];

    /// <inheritdoc/>
    protected override List<SweepEntry> Entries => Sweeps;

    /// <inheritdoc/>
    protected override string IdOf(SweepEntry entry) => entry.SweepId;

    /// <inheritdoc/>
    protected override DateTimeOffset TimeOf(SweepEntry entry) => entry.SubmittedAt;

    /// <inheritdoc/>
    protected override int RankOf(SweepEntry entry) => entry.Phase is SweepPhase.Completed or SweepPhase.Failed ? 0 : 1;
}
