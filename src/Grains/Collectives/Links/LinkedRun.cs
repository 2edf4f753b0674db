using Lcnn.Distributed.Grains.Collectives.Wire;

namespace Lcnn.Distributed.Grains.Collectives.Links;

/// <summary>The generation of a run whose parcels links carry, as one process sees it.</summary>
/// <param name="RunId">The run's id.</param>
/// <param name="Generation">The number of its membership.</param>
/// <param name="Local">This process.</param>
/// <param name="Budget">Bytes that may wait here to be taken, of all links together.</param>
internal sealed record LinkedRun(string RunId, int Generation, Guid Local, ReceiveBudget Budget)
{
    /// <summary>Stands for the run's id in frames.</summary>
    public ulong Tag { get; } = FrameHeader.TagOf(RunId);
}
