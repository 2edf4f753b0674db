namespace Lcnn.Distributed.Grains.Runs;

/// <summary>Counts a run's recoveries: one that is lost again and again without a step in between would be lost for ever.</summary>
/// <remarks>Whole silos that are lost say little of the step at hand, so they have an allowance of their own.</remarks>
internal static class Recoveries
{
    /// <summary>The record after one more loss.</summary>
    /// <param name="record">The record before.</param>
    /// <param name="step">Newest step that was made.</param>
    /// <param name="isSiloLoss">Whether a silo was lost, or cut off, rather than a worker alone.</param>
    public static RunRecord Count(RunRecord record, long step, bool isSiloLoss)
    {
        var isAtSameStep = step <= record.RecoveryStep;
        return record with
        {
            RecoveryCount = record.RecoveryCount + 1,
            RecoveryStep = Math.Max(step, record.RecoveryStep),
            RecoveriesAtStep = (isAtSameStep ? record.RecoveriesAtStep : 0) + (isSiloLoss ? 0 : 1),
            SiloLossesAtStep = (isAtSameStep ? record.SiloLossesAtStep : 0) + (isSiloLoss ? 1 : 0),
        };
    }

    /// <summary>Why the run is not to be recovered once more; null if it is.</summary>
    public static string? Objection(RunRecord record, RunOptions options) =>
        record.RecoveriesAtStep > options.MaxRecoveries || record.SiloLossesAtStep > options.MaxSiloLosses
            ? $"step {record.RecoveryStep + 1}: no progress after {record.RecoveriesAtStep + record.SiloLossesAtStep - 1} recoveries"
            : null;
}
