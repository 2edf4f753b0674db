using System.Text.Json;
using Lcnn.Distributed.Contracts;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.Grains.EventLogs;
using Lcnn.Distributed.Grains.Sweeps;
using Lcnn.Distributed.Silo.Storage;
using Orleans.Storage;

namespace Lcnn.Distributed.UnitTests.Sweeps.Simulation;

/// <summary>The record, the journal and the log of one sweep, with the bytes of all writes.</summary>
internal sealed class SimulatedStores(SweepRecord record)
{
    private readonly MessagePackStorageSerializer _serializer = new();
    private int _version;

    /// <summary>What is stored.</summary>
    public SweepRecord Record { get; private set; } = record;

    public IEventLogStore<SweepChange> Journal { get; } = new MemoryEventLogStore<SweepChange>(int.MaxValue);

    public IEventLogStore<SweepEvent> Log { get; } = new MemoryEventLogStore<SweepEvent>(int.MaxValue);

    /// <summary>Runs that a stored record has named.</summary>
    public HashSet<string> NamedRuns { get; } = [];

    /// <summary>Writes so far.</summary>
    public int Writes { get; private set; }

    /// <summary>Bytes of the largest record so far.</summary>
    public int LargestRecord { get; private set; }

    /// <summary>Bytes of all writes.</summary>
    public long Bytes { get; private set; }

    /// <summary>The stores as one activation reaches them, until it is killed.</summary>
    public Access Open(Kill? kill, CancellationTokenSource killed) => new(this, kill, killed);

    private void Store(SweepRecord record)
    {
        var bytes = _serializer.Serialize(record).ToMemory().Length;
        (Record, _version, LargestRecord) = (record, _version + 1, Math.Max(LargestRecord, bytes));
        Bytes += bytes;
        if (record.ChangeJson.Length > 0)
        {
            NamedRuns.UnionWith(SweepChange.Parse(record.ChangeJson).Trials.Select(change => change.Trial.Entry.RunId));
        }
    }

    internal sealed class Access(SimulatedStores stores, Kill? kill, CancellationTokenSource killed) : IPersistentState<SweepRecord>
    {
        private readonly int _before = stores.Writes;
        private int _knownVersion;

        public SweepRecord State { get; set; } = new();

        public string Etag => $"{_knownVersion}";

        public bool RecordExists => true;

        public IEventLogStore<SweepChange> Journal => new LogAccess<SweepChange>(this, stores.Journal);

        public IEventLogStore<SweepEvent> Log => new LogAccess<SweepEvent>(this, stores.Log);

        public Task ReadStateAsync()
        {
            (State, _knownVersion) = (stores.Record, stores._version);
            return Task.CompletedTask;
        }

        public Task WriteStateAsync() => WriteAsync(() =>
        {
            if (_knownVersion != stores._version)
            {
                throw new InconsistentStateException("written by another", $"{stores._version}", Etag);
            }

            stores.Store(State);
            _knownVersion = stores._version;
            return Task.FromResult(true);
        });

        public Task ClearStateAsync() => throw new NotSupportedException();

        public async Task<T> WriteAsync<T>(Func<Task<T>> write)
        {
            await Task.Yield();
            killed.Token.ThrowIfCancellationRequested();
            stores.Writes++;
            if (stores.Writes - _before != kill?.Write)
            {
                return await write();
            }

            if (kill.IsStored)
            {
                await write();
            }

            await killed.CancelAsync();
            throw new OperationCanceledException(killed.Token);
        }

        public void Count(long bytes) => stores.Bytes += bytes;
    }

    private sealed class LogAccess<TEvent>(Access access, IEventLogStore<TEvent> store) : IEventLogStore<TEvent>
        where TEvent : class, INumberedEvent
    {
        public Task<EventLogAppended> AppendAsync(string logId, IReadOnlyList<TEvent> events, CancellationToken cancellationToken) => access.WriteAsync(() =>
        {
            access.Count(events.Sum(said => (long)JsonSerializer.SerializeToUtf8Bytes(said, RunEventJson.Options).Length));
            return store.AppendAsync(logId, events, CancellationToken.None);
        });

        public Task<IReadOnlyList<TEvent>> ReadAfterAsync(string logId, long sequence, int limit, CancellationToken cancellationToken) =>
            store.ReadAfterAsync(logId, sequence, limit, cancellationToken);

        public Task<IReadOnlyList<TEvent>> ReadBeforeAsync(string logId, long sequence, int limit, CancellationToken cancellationToken) =>
            store.ReadBeforeAsync(logId, sequence, limit, cancellationToken);

        public Task TrimAsync(string logId, Func<TEvent, bool> isKept, CancellationToken cancellationToken) => store.TrimAsync(logId, isKept, cancellationToken);
    }
}
