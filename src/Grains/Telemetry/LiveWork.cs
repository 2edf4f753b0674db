using System.Collections.Concurrent;

namespace Lcnn.Distributed.Grains.Telemetry;

/// <summary>The runs or sweeps that this silo drives, with the phase each is in at the moment. Thread-safe.</summary>
internal class LiveWork<TPhase>
    where TPhase : struct, Enum
{
    private readonly ConcurrentDictionary<string, Func<TPhase>> _phases = new();

    /// <summary>Every one with its phase.</summary>
    public IEnumerable<(string Id, TPhase Phase)> All => _phases.Select(entry => (entry.Key, entry.Value()));

    /// <summary>One begins, or goes on here, until its activation goes; then it stays if another one has taken its place.</summary>
    public void Add(string id, Func<TPhase> phase, CancellationToken until)
    {
        _phases[id] = phase;
        until.UnsafeRegister(_ => _phases.TryRemove(KeyValuePair.Create(id, phase)), state: null);
    }
}
