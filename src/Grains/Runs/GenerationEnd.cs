using Lcnn.Distributed.Contracts.Workers;

namespace Lcnn.Distributed.Grains.Runs;

/// <summary>How a generation ended.</summary>
internal abstract record GenerationEnd
{
    /// <summary>Every rank has nothing left to do.</summary>
    /// <param name="Ranks">In rank order.</param>
    public sealed record Finished(IReadOnlyList<WorkerFinished> Ranks) : GenerationEnd;

    /// <summary>A replay would end the same way.</summary>
    public sealed record Broken(string Error, bool BadInput) : GenerationEnd;

    /// <summary>Workers are gone; the others can go on from the newest snapshot.</summary>
    /// <param name="Reason">Which rank, silo, step and phase.</param>
    /// <param name="Silo">Where the rank was.</param>
    /// <param name="Avoid">That silo if it lives but others do not reach it, or null.</param>
    /// <param name="IsSiloGone">Whether a whole silo is known to be lost, which says nothing of the worker's step.</param>
    public sealed record Lost(string Reason, string Silo, string? Avoid, bool IsSiloGone) : GenerationEnd;

    /// <summary>A silo is of no use to the run; it can go on without.</summary>
    /// <param name="Reason">What is wrong there.</param>
    public sealed record Refused(string Reason, string Silo) : GenerationEnd;

    /// <summary>It was not needed any more before it began, or once all that counts was stored.</summary>
    public sealed record Interrupted : GenerationEnd;
}
