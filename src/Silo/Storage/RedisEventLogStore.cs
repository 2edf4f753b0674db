using System.Globalization;
using System.Text.Json;
using Lcnn.Distributed.Contracts;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Grains.EventLogs;
using Lcnn.Distributed.Grains.Telemetry;
using StackExchange.Redis;

namespace Lcnn.Distributed.Silo.Storage;

/// <summary>Keeps each log in a Redis stream, where every silo finds it.</summary>
/// <remarks>
/// Event N is the entry with id N-0. Redis takes ids in growing order only, and a script appends a batch as one: two writers can
/// never both store a number. The stream is cut at about its capacity with every append.
/// </remarks>
/// <param name="redis">The connection.</param>
/// <param name="keyPrefix">What the keys of these logs begin with.</param>
/// <param name="unreadable">Makes what stands in for an entry that this release cannot read, from its number.</param>
/// <param name="capacity">Events kept in each log, or a little more.</param>
internal sealed class RedisEventLogStore<TEvent>(IConnectionMultiplexer redis, string keyPrefix, Func<long, TEvent> unreadable, int capacity) : IEventLogStore<TEvent>
    where TEvent : class, INumberedEvent
{
    private const string Field = "event";

    // A refused batch whose last entry is stored as it is was stored by an earlier attempt.
    private const string Append =
        """
        local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
        local last = newest and tonumber(string.match(newest[1], '^%d+')) or 0
        local first = tonumber(ARGV[2])
        if first <= last then
            local id = string.format('%d-0', first + #ARGV - 3)
            local stored = redis.call('XRANGE', KEYS[1], id, id)[1]
            local repeated = stored and stored[2][2] == ARGV[#ARGV]
            return { repeated and 1 or 0, last }
        end
        for i = 3, #ARGV do
            last = first + i - 3
            redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], string.format('%d-0', last), 'event', ARGV[i])
        end
        return { 1, last }
        """;

    // Built beside the log and put in its place. The first command is one that a full Redis takes: a script that has begun to write is
    // not held to maxmemory any more, and this one makes room.
    private const string Keep =
        """
        local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
        if not newest or newest[1] ~= ARGV[#ARGV] then
            return 0
        end
        redis.call('DEL', KEYS[2])
        for i = 1, #ARGV do
            local stored = redis.call('XRANGE', KEYS[1], ARGV[i], ARGV[i])[1]
            if stored then
                redis.call('XADD', KEYS[2], ARGV[i], 'event', stored[2][2])
            end
        end
        redis.call('RENAME', KEYS[2], KEYS[1])
        return 1
        """;

    private const int Page = 1_000;

    public async Task<EventLogAppended> AppendAsync(string logId, IReadOnlyList<TEvent> events, CancellationToken cancellationToken)
    {
        RedisValue[] arguments = [capacity, events[0].Sequence, .. events.Select(static logged => (RedisValue)Serialize(logged))];
        var answer = (long[]?)await AskAsync("append", database => database.ScriptEvaluateAsync(Append, [Key(logId)], arguments), cancellationToken);
        return new EventLogAppended(IsSuperseded: answer![0] == 0, LastSequence: answer[1]);
    }

    public async Task<IReadOnlyList<TEvent>> ReadAfterAsync(string logId, long sequence, int limit, CancellationToken cancellationToken) =>
        sequence == long.MaxValue
            ? []
            : Parse(await AskAsync("read_log", database => database.StreamRangeAsync(Key(logId), Id(sequence + 1), "+", limit), cancellationToken));

    public async Task<IReadOnlyList<TEvent>> ReadBeforeAsync(string logId, long sequence, int limit, CancellationToken cancellationToken)
    {
        if (sequence <= 0)
        {
            return [];
        }

        var entries = await AskAsync("read_log", database => database.StreamRangeAsync(Key(logId), "-", Id(sequence - 1), limit, Order.Descending), cancellationToken);
        Array.Reverse(entries);
        return Parse(entries);
    }

    public async Task TrimAsync(string logId, Func<TEvent, bool> isKept, CancellationToken cancellationToken)
    {
        var (kept, count, last) = (new List<long>(), 0, 0L);
        while (await ReadAfterAsync(logId, last, Page, cancellationToken) is [.., var newest] page)
        {
            kept.AddRange(page.Where(isKept).Select(static stored => stored.Sequence));
            (count, last) = (count + page.Count, newest.Sequence);
        }

        if (kept is not [.., var end] || end < last)
        {
            kept.Add(last);
        }

        if (kept.Count < count)
        {
            RedisKey[] keys = [Key(logId), $"{Key(logId)}/trimmed"];
            await AskAsync("trim", database => database.ScriptEvaluateAsync(Keep, keys, [.. kept.Select(Id)]), cancellationToken);
        }
    }

    private async Task<T> AskAsync<T>(string operation, Func<IDatabase, Task<T>> ask, CancellationToken cancellationToken)
    {
        try
        {
            return await Measures.TimeStoreAsync(operation, () => ask(redis.GetDatabase()).WaitAsync(cancellationToken));
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            throw RedisTrouble.Of(exception);
        }
    }

    private static RedisValue Id(long sequence) => string.Create(CultureInfo.InvariantCulture, $"{sequence}-0");

    private static byte[] Serialize(TEvent logged) => JsonSerializer.SerializeToUtf8Bytes(logged, RunEventJson.Options);

    private TEvent[] Parse(StreamEntry[] entries) => [.. entries.Select(Parse)];

    // What this release cannot read keeps its place, so that numbers go on after it.
    private TEvent Parse(StreamEntry entry)
    {
        var id = entry.Id.ToString();
        var sequence = long.Parse(id.AsSpan(0, id.IndexOf('-', StringComparison.Ordinal)), NumberStyles.None, CultureInfo.InvariantCulture);
        try
        {
            return JsonSerializer.Deserialize<TEvent>(((ReadOnlyMemory<byte>)entry[Field]).Span, RunEventJson.Options) is { } logged && logged.Sequence == sequence
                ? logged
                : unreadable(sequence);
        }
        catch (Exception problem) when (problem is JsonException or NotSupportedException)
        {
            return unreadable(sequence);
        }
    }

    private RedisKey Key(string logId) => $"{keyPrefix}/{logId}";
}
