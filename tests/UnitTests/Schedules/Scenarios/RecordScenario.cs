using Lcnn.Distributed.Grains.Storage;
using Lcnn.Distributed.UnitTests.Schedules.Engine;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lcnn.Distributed.UnitTests.Schedules.Scenarios;

/// <summary>Two silos write the same record through a storage that fails before and after it has written, answers late, and cannot be read.</summary>
internal static class RecordScenario
{
    public static void Run(Schedule schedule)
    {
        var store = new ChosenStore(schedule) { FaultsLeft = schedule.Choices.Below(7) };
        var silos = Enumerable.Range(0, 1 + schedule.Choices.Below(3)).Select(silo => schedule.Go(() => ServeAsync(schedule, store, silo), new Turns())).ToList();
        schedule.Finish("silos", silos);
        schedule.Finish("late writes", store.Late);
        foreach (var note in store.Acknowledged)
        {
            schedule.Check(store.Stored.Notes.Contains(note), $"note {note} was stored and is gone");
        }

        schedule.Check(store.Stored.Notes.Distinct().Count() == store.Stored.Notes.Count, "a change was made twice");
        schedule.Check(store.Stored.Number == store.Stored.Notes.Count, "the record's number is not that of its changes");
    }

    private static async Task ServeAsync(Schedule schedule, ChosenStore store, int silo)
    {
        var choices = schedule.Choices;
        var access = new ChosenAccess(store);
        for (var i = choices.Below(12) * silo; i > 0; i--)
        {
            await Task.Yield();
        }

        await access.ActivateAsync();
        var authority = new RecordAuthority<Noted>("r", access, schedule.Clock, NullLogger.Instance);
        var writes = new List<Task>();
        var mayDiffer = false;
        for (var i = choices.Below(5); i >= 0; i--)
        {
            var note = (10 * silo) + i;
            writes.Add(WriteAsync(note));
            if (choices.OneIn(2))
            {
                await Task.WhenAll(writes);
            }
        }

        await Task.WhenAll(writes);
        schedule.Finish("late writes", store.Late);
        if (!mayDiffer && !authority.Superseded.IsCompleted && store.LastWriter == access)
        {
            schedule.Check(authority.Record == store.Stored, "a record in memory is not the stored one, and its writer goes on");
        }

        async Task WriteAsync(int note)
        {
            var cancelled = new CancellationTokenSource();
            if (choices.OneIn(6))
            {
                schedule.Go(cancelled.Cancel).Ignore();
            }

            var wasSuperseded = authority.Superseded.IsCompleted;
            try
            {
                await authority.WriteAsync(
                    record => choices.OneIn(8) ? throw new ArgumentException("too late") : record with { Notes = [.. record.Notes, note] }, cancelled.Token);
                schedule.Check(!wasSuperseded, "a writer that was superseded has written");
                store.Acknowledged.Add(note);
            }
            catch (OperationCanceledException)
            {
                mayDiffer = true;
            }
            catch (Exception exception) when (exception is ArgumentException or RecordSupersededException)
            {
                schedule.Check(exception is ArgumentException || authority.Superseded.IsCompleted, "a writer is refused and not given up");
            }
        }
    }
}

/// <summary>A record of which one can tell what became of every change.</summary>
internal sealed record Noted(long Number, Guid WriteId, IReadOnlyList<int> Notes) : IStoredRecord<Noted>
{
    public Noted()
        : this(0, Guid.Empty, [])
    {
    }

    public string SpecJson => "";

    public bool HasEnded => false;

    public Noted Stamped(long number, Guid writeId) => this with { Number = number, WriteId = writeId };
}
