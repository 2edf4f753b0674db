using Lcnn.Distributed.Contracts.Workers;

namespace Lcnn.Distributed.Grains.Collectives.Routing;

/// <summary>How a process is to be reached.</summary>
/// <param name="Address">Where it is.</param>
/// <param name="UsesStream">Whether a stream is tried.</param>
/// <param name="Dials">Whether it is this side that dials.</param>
/// <param name="UsesGrain">Whether grains are used: at once, or after the stream.</param>
internal sealed record LinkPlan(PeerAddress Address, Guid Process, bool UsesStream, bool Dials, bool UsesGrain);
