using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.Grains.EventLogs;

namespace Lcnn.Distributed.Silo.Storage;

/// <summary>Keeps the logs of sweeps in a folder: an event a line, in the JSON that <c>--json</c> prints.</summary>
/// <remarks>A line that a crash cut short was never told to anybody, and goes.</remarks>
internal sealed class FolderSweepLogStore(string folder) : IEventLogStore<SweepEvent>
{
    private readonly ConcurrentDictionary<string, Lazy<List<SweepEvent>>> _logs = new();

    public Task<EventLogAppended> AppendAsync(string logId, IReadOnlyList<SweepEvent> events, CancellationToken cancellationToken) => Use(logId, log =>
    {
        var last = log.Count == 0 ? 0 : log[^1].Sequence;
        if (events[0].Sequence <= last)
        {
            var stored = log.Find(known => known.Sequence == events[^1].Sequence);
            return new EventLogAppended(stored is null || SweepEventJson.Serialize(stored) != SweepEventJson.Serialize(events[^1]), last);
        }

        Write(PathOf(logId), FileMode.Append, events);
        log.AddRange(events);
        return new EventLogAppended(IsSuperseded: false, events[^1].Sequence);
    }, cancellationToken);

    public Task<IReadOnlyList<SweepEvent>> ReadAfterAsync(string logId, long sequence, int limit, CancellationToken cancellationToken) =>
        Use<IReadOnlyList<SweepEvent>>(logId, log => [.. log.Where(known => known.Sequence > sequence).Take(limit)], cancellationToken);

    public Task<IReadOnlyList<SweepEvent>> ReadBeforeAsync(string logId, long sequence, int limit, CancellationToken cancellationToken) =>
        Use<IReadOnlyList<SweepEvent>>(logId, log => [.. log.Where(known => known.Sequence < sequence).TakeLast(limit)], cancellationToken);

    public Task TrimAsync(string logId, int keep, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(keep, 1);
        return Use(logId, log =>
        {
            log.RemoveRange(0, Math.Max(0, log.Count - keep));
            Write(PathOf(logId), FileMode.Create, log);
            return true;
        }, cancellationToken);
    }

    private string PathOf(string logId) => Path.Combine(folder, "log", Uri.EscapeDataString(logId) + ".jsonl");

    private Task<T> Use<T>(string logId, Func<List<SweepEvent>, T> use, CancellationToken cancellationToken) => Task.Run(() =>
    {
        var log = _logs.GetOrAdd(logId, id => new Lazy<List<SweepEvent>>(() => Load(PathOf(id)), LazyThreadSafetyMode.ExecutionAndPublication)).Value;
        lock (log)
        {
            return use(log);
        }
    }, cancellationToken);

    private static void Write(string path, FileMode mode, IEnumerable<SweepEvent> events)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var file = new FileStream(path, mode, FileAccess.Write);
        var start = file.Position;
        try
        {
            file.Write(Encoding.UTF8.GetBytes(string.Concat(events.Select(said => SweepEventJson.Serialize(said) + "\n"))));
            file.Flush(flushToDisk: true);
        }
        catch
        {
            file.SetLength(start); // all or none: a full disk takes part of it
            throw;
        }
    }

    private static List<SweepEvent> Load(string path)
    {
        var events = new List<SweepEvent>();
        if (!File.Exists(path))
        {
            return events;
        }

        var bytes = File.ReadAllBytes(path);
        var start = 0;
        for (int end; (end = Array.IndexOf(bytes, (byte)'\n', start)) >= 0; start = end + 1)
        {
            try
            {
                events.Add(SweepEventJson.Deserialize(Encoding.UTF8.GetString(bytes, start, end - start)));
            }
            catch (JsonException)
            {
                break; // what follows a damaged line is in the record, as far as it matters
            }
        }

        if (start < bytes.Length)
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Write);
            file.SetLength(start);
        }

        return events;
    }
}
