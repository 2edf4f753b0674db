using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Lcnn.Distributed.Contracts;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.Grains.EventLogs;
using Lcnn.Distributed.Grains.Sweeps;

namespace Lcnn.Distributed.Silo.Storage;

/// <summary>The logs and journals of sweeps in a folder.</summary>
internal static class FolderLogs
{
    /// <summary>The logs: what <c>--json</c> prints.</summary>
    public static FolderLogStore<SweepEvent> OfSweeps(string folder) => new(folder, "log");

    /// <summary>The journals: what each write of a record changed.</summary>
    public static FolderLogStore<SweepChange> OfJournals(string folder) => new(folder, "journal", isAuthority: true);
}

/// <summary>Keeps logs in a folder: an event a line, as JSON.</summary>
/// <remarks>A line that a crash cut short was never told to anybody, and goes.</remarks>
/// <param name="folder">Where the records are.</param>
/// <param name="name">Name of the folder in that one.</param>
/// <param name="isAuthority">Whether nobody else has what is in it, so that a damaged line is refused; else it goes, with what follows.</param>
internal sealed class FolderLogStore<TEvent>(string folder, string name, bool isAuthority = false) : IEventLogStore<TEvent>
    where TEvent : class, INumberedEvent
{
    private readonly ConcurrentDictionary<string, Lazy<List<TEvent>>> _logs = new();

    public Task<EventLogAppended> AppendAsync(string logId, IReadOnlyList<TEvent> events, CancellationToken cancellationToken) => Use(logId, log =>
    {
        var last = log.Count == 0 ? 0 : log[^1].Sequence;
        if (events[0].Sequence <= last)
        {
            var stored = log.Find(known => known.Sequence == events[^1].Sequence);
            return new EventLogAppended(stored is null || Serialize(stored) != Serialize(events[^1]), last);
        }

        Write(PathOf(logId), FileMode.Append, events);
        log.AddRange(events);
        return new EventLogAppended(IsSuperseded: false, events[^1].Sequence);
    }, cancellationToken);

    public Task<IReadOnlyList<TEvent>> ReadAfterAsync(string logId, long sequence, int limit, CancellationToken cancellationToken) =>
        Use<IReadOnlyList<TEvent>>(logId, log => [.. log.Skip(CountUpTo(log, sequence)).Take(limit)], cancellationToken);

    public Task<IReadOnlyList<TEvent>> ReadBeforeAsync(string logId, long sequence, int limit, CancellationToken cancellationToken) =>
        Use<IReadOnlyList<TEvent>>(logId, log => [.. log.Where(known => known.Sequence < sequence).TakeLast(limit)], cancellationToken);

    public Task TrimAsync(string logId, Func<TEvent, bool> isKept, CancellationToken cancellationToken) => Use(logId, log =>
    {
        List<TEvent> kept = [.. log.Where((stored, index) => index == log.Count - 1 || isKept(stored))];
        if (kept.Count < log.Count)
        {
            var trimmed = PathOf(logId) + ".trimmed";
            Write(trimmed, FileMode.Create, kept);
            File.Move(trimmed, PathOf(logId), overwrite: true);
            log.Clear();
            log.AddRange(kept);
        }

        return true;
    }, cancellationToken);

    /// <summary>The whole events of a log as they are, changing nothing: another process may be writing it.</summary>
    public IReadOnlyList<TEvent> Read(string logId) => ReadWhole(PathOf(logId)).Events;

    private string PathOf(string logId) => Path.Combine(folder, name, Uri.EscapeDataString(logId) + ".jsonl");

    private Task<T> Use<T>(string logId, Func<List<TEvent>, T> use, CancellationToken cancellationToken) => Task.Run(() =>
    {
        var log = _logs.GetOrAdd(logId, id => new Lazy<List<TEvent>>(() => Load(PathOf(id)), LazyThreadSafetyMode.ExecutionAndPublication)).Value;
        lock (log)
        {
            return use(log);
        }
    }, cancellationToken);

    private static int CountUpTo(List<TEvent> log, long sequence)
    {
        var (low, high) = (0, log.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = log[middle].Sequence <= sequence ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private static string Serialize(TEvent said) => JsonSerializer.Serialize(said, RunEventJson.Options);

    private static TEvent Deserialize(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize<TEvent>(json, RunEventJson.Options) ?? throw new JsonException("expected an event, got null");
        }
        catch (Exception exception) when (exception is NotSupportedException or ArgumentException) // without its kind, or with half a character
        {
            throw new JsonException("expected an event, got another text", exception);
        }
    }

    private static void Write(string path, FileMode mode, IEnumerable<TEvent> events)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var file = new FileStream(path, mode, FileAccess.Write);
        var start = file.Position;
        try
        {
            file.Write(Encoding.UTF8.GetBytes(string.Concat(events.Select(said => Serialize(said) + "\n"))));
            file.Flush(flushToDisk: true);
        }
        catch
        {
            file.SetLength(start); // all or none: a full disk takes part of it
            throw;
        }
    }

    private List<TEvent> Load(string path)
    {
        var (events, whole, length) = ReadWhole(path);
        if (whole < length)
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Write);
            file.SetLength(whole);
        }

        return events;
    }

    private (List<TEvent> Events, int Whole, int Length) ReadWhole(string path)
    {
        var events = new List<TEvent>();
        if (!File.Exists(path))
        {
            return (events, 0, 0);
        }

        var bytes = File.ReadAllBytes(path);
        var start = 0;
        for (int end; (end = Array.IndexOf(bytes, (byte)'\n', start)) >= 0; start = end + 1)
        {
            try
            {
                events.Add(Deserialize(bytes.AsSpan(start, end - start)));
            }
            catch (JsonException exception) when (isAuthority)
            {
                throw new StoredStateException($"line {events.Count + 1} of '{path}' cannot be read: {exception.Message}", exception);
            }
            catch (JsonException)
            {
                break; // what follows a damaged line is in the record, as far as it matters
            }
        }

        return (events, start, bytes.Length);
    }
}
