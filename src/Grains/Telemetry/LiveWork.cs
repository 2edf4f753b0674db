using System.Collections.Concurrent;

namespace Lcnn.Distributed.Grains.Telemetry;

/// <summary>The runs or sweeps that this silo drives, with the phase each is in at the moment. Thread-safe.</summary>
internal class LiveWork<TPhase>
    where TPhase : struct, Enum
{
    private readonly ConcurrentDictionary<string, Func<TPhase>> _phases = new();

    /// <summary>Every one with its phase.</summary>
    public IEnumerable<(string Id, TPhase Phase)> All => _phases.Select(entry => (entry.Key, entry.Value()));

    /// <summary>One begins, or goes on here.</summary>
    public void Add(string id, Func<TPhase> phase) => _phases[id] = phase;

    /// <summary>One has ended, or goes on elsewhere; nothing if another activation has taken its place.</summary>
    public void Remove(string id, Func<TPhase> phase) => _phases.TryRemove(KeyValuePair.Create(id, phase));
}
