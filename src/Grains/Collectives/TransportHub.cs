using System.Collections.Concurrent;

namespace Lcnn.Distributed.Grains.Collectives;

/// <summary>The transports of the runs that have workers in this process.</summary>
internal sealed class TransportHub
{
    private readonly ConcurrentDictionary<(string RunId, int Generation), MemoryTransport> _memory = new();

    /// <summary>The memory transport of one generation of a run.</summary>
    public MemoryTransport Memory(string runId, int generation) => _memory.GetOrAdd((runId, generation), static _ => new MemoryTransport());

    /// <summary>Forgets a generation; parcels on their way are dropped.</summary>
    public void Close(string runId, int generation) => _memory.TryRemove((runId, generation), out _);
}
