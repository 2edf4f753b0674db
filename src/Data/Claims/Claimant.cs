namespace Lcnn.Distributed.Data.Claims;

/// <summary>Who wants a folder.</summary>
/// <param name="Kind">"run" or "sweep".</param>
/// <param name="Id">Its id; what has the same one has the same claim.</param>
/// <param name="Sweep">The sweep that a run is a trial of: its folder is no obstacle.</param>
public sealed record Claimant(string Kind, string Id, string? Sweep = null)
{
    /// <summary>Kind of a run.</summary>
    public const string RunKind = "run";

    /// <summary>Kind of a sweep, whose folder is that of its trials too.</summary>
    public const string SweepKind = "sweep";

    /// <summary>A run.</summary>
    public static Claimant Run(string id, string? sweep = null) => new(RunKind, id, sweep);

    /// <summary>A sweep.</summary>
    public static Claimant OfSweep(string id) => new(SweepKind, id);
}
