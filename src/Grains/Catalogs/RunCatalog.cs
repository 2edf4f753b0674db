using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Grains.Catalogs;

/// <summary>The runs; finished trials of sweeps go first, then other finished runs.</summary>
public sealed class RunCatalog : Catalog<RunEntry>
{
    /// <summary>Newest first.</summary>
    public List<RunEntry> Runs { get; set; } = [];

    /// <inheritdoc/>
    protected override List<RunEntry> Entries => Runs;

    /// <inheritdoc/>
    protected override string IdOf(RunEntry entry) => entry.RunId;

    /// <inheritdoc/>
    protected override DateTimeOffset TimeOf(RunEntry entry) => entry.SubmittedAt;

    /// <inheritdoc/>
    protected override int RankOf(RunEntry entry) => !entry.IsFinished() ? 2 : entry.IsTrial() ? 0 : 1;
}
