using System.Collections.Concurrent;
using Lcnn.Distributed.Contracts.Workers;

namespace Lcnn.Distributed.Grains.Collectives;

#pragma warning disable IDE0060
/// <summary>The transports of the runs that have workers in this process.</summary>
internal sealed class TransportHub
{
    private readonly ConcurrentDictionary<(string RunId, int Generation), MemoryTransport> _memory = new();
    private readonly string _process = Guid.NewGuid().ToString("n");

    /// <summary>Where the parcels of this process's ranks go.</summary>
    public Task<PeerAddress> GetLocalAsync(CancellationToken cancellationToken) => Task.FromResult(new PeerAddress(_process, ""));

    /// <summary>The mailbox of a rank, from its join on.</summary>
    public Mailbox Open(string runId, int generation, int rank) => Memory(runId, generation).MailboxOf(rank);

    /// <summary>A rank's way to the others.</summary>
    public ITransport Connect(string runId, int generation, int rank, string transport, WorkerPeers peers, Func<int, IParcelRelay> relayOf) =>
        Memory(runId, generation);

    /// <summary>Takes a block of the grain transport.</summary>
    public void Receive(byte[] block) => throw new NotSupportedException();

    /// <summary>Forgets a rank; parcels on their way are dropped.</summary>
    public void Close(string runId, int generation, int rank) => _memory.TryRemove((runId, generation), out _);

    private MemoryTransport Memory(string runId, int generation) => _memory.GetOrAdd((runId, generation), static _ => new MemoryTransport());
}
