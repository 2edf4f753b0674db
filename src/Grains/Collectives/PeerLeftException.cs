namespace Lcnn.Distributed.Grains.Collectives;

/// <summary>The other process has left the run in order.</summary>
internal sealed class PeerLeftException() : Exception("its process has left the run");
