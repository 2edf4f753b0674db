using Lcnn.Distributed.UnitTests.Schedules.Engine;
using Orleans.Storage;

namespace Lcnn.Distributed.UnitTests.Schedules.Scenarios;

/// <summary>A storage with ETags whose answers are choices.</summary>
internal sealed class ChosenStore(Schedule schedule)
{
    private int _version;

    public Schedule Schedule => schedule;

    public Noted Stored { get; private set; } = new();

    public int Version => _version;

    public int FaultsLeft { get; set; }

    public ChosenAccess? LastWriter { get; private set; }

    /// <summary>Writes that arrive after their caller has given them up.</summary>
    public List<Task> Late { get; } = [];

    /// <summary>Changes whose writers were told that they are stored.</summary>
    public List<int> Acknowledged { get; } = [];

    public bool Fails()
    {
        if (FaultsLeft == 0 || !schedule.Choices.OneIn(2))
        {
            return false;
        }

        FaultsLeft--;
        return true;
    }

    public bool TryStore(Noted record, int knownVersion, ChosenAccess writer)
    {
        if (knownVersion != _version)
        {
            return false;
        }

        schedule.Check(
            record.Notes.Count == Stored.Notes.Count + 1 && record.Notes.Take(Stored.Notes.Count).SequenceEqual(Stored.Notes),
            $"[{string.Join(' ', record.Notes)}] was written over [{string.Join(' ', Stored.Notes)}]");
        (Stored, LastWriter) = (record, writer);
        _version++;
        return true;
    }
}

/// <summary>One silo's access to it, as Orleans gives it to a grain.</summary>
internal sealed class ChosenAccess(ChosenStore store) : IPersistentState<Noted>
{
    private int _knownVersion;

    public Noted State { get; set; } = new();

    public string Etag => $"{_knownVersion}";

    public bool RecordExists => _knownVersion > 0;

    public async Task ActivateAsync()
    {
        await Task.Yield();
        (State, _knownVersion) = (store.Stored, store.Version);
    }

    public async Task WriteStateAsync()
    {
        var (record, known) = (State, _knownVersion);
        await DelayAsync();
        if (store.Fails())
        {
            switch (store.Schedule.Choices.Below(3))
            {
                case 0:
                    throw new TimeoutException("the storage is away");
                case 1:
                    await DelayAsync();
                    store.TryStore(record, known, this);
                    throw new TimeoutException("the answer was lost");
                default:
                    store.Late.Add(store.Schedule.Go(() => { store.TryStore(record, known, this); }));
                    throw new TimeoutException("the answer comes too late");
            }
        }

        if (!store.TryStore(record, known, this))
        {
            throw new InconsistentStateException("written by another", $"{store.Version}", Etag);
        }

        var version = store.Version;
        await DelayAsync();
        _knownVersion = version;
    }

    public async Task ReadStateAsync()
    {
        await DelayAsync();
        if (store.Fails())
        {
            throw new TimeoutException("the storage is away");
        }

        var (stored, version) = (store.Stored, store.Version);
        await DelayAsync();
        (State, _knownVersion) = (stored, version);
    }

    public Task ClearStateAsync() => throw new NotSupportedException();

    private async Task DelayAsync()
    {
        for (var i = store.Schedule.Choices.Below(3); i > 0; i--)
        {
            await Task.Yield();
        }
    }
}
