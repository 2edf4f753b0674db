namespace Lcnn.Distributed.Grains.Collectives.Streams;

/// <summary>What both sides of a connection must agree on.</summary>
/// <param name="Dialler">Process that dials.</param>
/// <param name="Dialled">Process that is dialled.</param>
internal sealed record HandshakeParty(string RunId, int Generation, Guid Dialler, Guid Dialled);
