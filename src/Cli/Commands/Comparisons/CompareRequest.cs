using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.Grains.Sweeps;

namespace Lcnn.Distributed.Cli.Commands.Comparisons;

/// <summary>What <c>lcnn compare</c> was asked for, beyond doubt.</summary>
/// <param name="Spec">The sweep behind it.</param>
/// <param name="Methods">In order; the first is the baseline.</param>
/// <param name="Folder">For the tables and the report, on this machine.</param>
/// <param name="Place">Where the runs run.</param>
/// <param name="Command">As it could be typed again.</param>
internal sealed record CompareRequest(SweepSpec Spec, IReadOnlyList<string> Methods, string Folder, RunPlace Place, string Command)
{
    /// <summary>The sweep in <see cref="Folder"/> that is gone on with; null for a new one.</summary>
    public StoredSweep? Stored { get; init; }

    /// <summary>Id of the sweep on a cluster; null elsewhere.</summary>
    public string? SweepId { get; init; }

    /// <summary>Attacks in words; null for none.</summary>
    public string? Attacks { get; init; }
}
