namespace Lcnn.Distributed.Data.Claims;

/// <summary>From where folders are claimed.</summary>
/// <param name="Where">The place, for people.</param>
/// <param name="LivesWith">The process with which all runs here end; null where they may go on in another.</param>
public sealed record ClaimPlace(string Where, ProcessMark? LivesWith)
{
    /// <summary>This process, whose end is that of its runs.</summary>
    public static ClaimPlace ThisProcess { get; } = With(ProcessMark.Current);

    /// <summary>This machine, on which runs end with the process, or with none.</summary>
    public static ClaimPlace With(ProcessMark? process) => new(
        process is null ? $"on {Environment.MachineName}" : FormattableString.Invariant($"process {process.Id} on {Environment.MachineName}"), process);
}
