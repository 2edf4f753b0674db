namespace Lcnn.Distributed.Contracts.Workers;

/// <summary>Where the parcels of a rank go.</summary>
/// <param name="Process">Random id of the process: ranks that share it exchange parcels by memory.</param>
/// <param name="StreamEndpoint">Host and port of its stream listener; empty when it has none.</param>
/// <param name="Worker">Key of the worker grain, for the grain transport.</param>
[GenerateSerializer, Immutable, Alias("lcnn.PeerAddress")]
public sealed record PeerAddress([property: Id(0)] string Process, [property: Id(1)] string StreamEndpoint, [property: Id(2)] string Worker = "");

/// <summary>What every rank of a generation must know of the others to begin.</summary>
/// <param name="Token">Random secret of the run: keys the handshake of its streams and never travels on them.</param>
/// <param name="ByRank">Where each rank is.</param>
[GenerateSerializer, Immutable, Alias("lcnn.WorkerPeers")]
public sealed record WorkerPeers([property: Id(0)] byte[] Token, [property: Id(1)] IReadOnlyList<PeerAddress> ByRank);
