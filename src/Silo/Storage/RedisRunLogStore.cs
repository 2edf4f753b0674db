using System.Globalization;
using System.Text.Json;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Grains.Runs.Log;
using StackExchange.Redis;

namespace Lcnn.Distributed.Silo.Storage;

/// <summary>Keeps each run's log in a Redis stream, where every silo finds it.</summary>
/// <remarks>
/// Event N is the entry with id N-0. Redis takes ids in growing order only, and a script appends a batch as one: two coordinators can
/// never both store a number. The stream is cut at about its capacity with every append.
/// </remarks>
internal sealed class RedisRunLogStore(IConnectionMultiplexer redis, string clusterId, int capacity = RedisRunLogStore.DefaultCapacity) : IRunLogStore
{
    /// <summary>Events kept of each run, or a little more.</summary>
    public const int DefaultCapacity = 100_000;

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

    public async Task<RunLogAppended> AppendAsync(string runId, IReadOnlyList<RunEvent> events, CancellationToken cancellationToken)
    {
        RedisValue[] arguments = [capacity, events[0].Sequence, .. events.Select(static runEvent => (RedisValue)Serialize(runEvent))];
        var answer = (long[]?)await redis.GetDatabase().ScriptEvaluateAsync(Append, [Key(runId)], arguments).WaitAsync(cancellationToken);
        return new RunLogAppended(IsSuperseded: answer![0] == 0, LastSequence: answer[1]);
    }

    public async Task<IReadOnlyList<RunEvent>> ReadAfterAsync(string runId, long sequence, int limit, CancellationToken cancellationToken) =>
        sequence == long.MaxValue
            ? []
            : Parse(await redis.GetDatabase().StreamRangeAsync(Key(runId), Id(sequence + 1), "+", limit).WaitAsync(cancellationToken));

    public async Task<IReadOnlyList<RunEvent>> ReadBeforeAsync(string runId, long sequence, int limit, CancellationToken cancellationToken)
    {
        if (sequence <= 0)
        {
            return [];
        }

        var entries = await redis.GetDatabase().StreamRangeAsync(Key(runId), "-", Id(sequence - 1), limit, Order.Descending).WaitAsync(cancellationToken);
        Array.Reverse(entries);
        return Parse(entries);
    }

    public Task TrimAsync(string runId, int keep, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(keep, 1);
        return redis.GetDatabase().StreamTrimAsync(Key(runId), keep).WaitAsync(cancellationToken);
    }

    private static RedisValue Id(long sequence) => string.Create(CultureInfo.InvariantCulture, $"{sequence}-0");

    private static byte[] Serialize(RunEvent runEvent) => JsonSerializer.SerializeToUtf8Bytes(runEvent, RunEventJson.Options);

    private static RunEvent[] Parse(StreamEntry[] entries) => [.. entries.Select(Parse)];

    // What this release cannot read keeps its place, so that numbers go on after it.
    private static RunEvent Parse(StreamEntry entry)
    {
        var id = entry.Id.ToString();
        var sequence = long.Parse(id.AsSpan(0, id.IndexOf('-', StringComparison.Ordinal)), NumberStyles.None, CultureInfo.InvariantCulture);
        try
        {
            return JsonSerializer.Deserialize<RunEvent>(((ReadOnlyMemory<byte>)entry[Field]).Span, RunEventJson.Options) is { } runEvent && runEvent.Sequence == sequence
                ? runEvent
                : Unreadable(sequence);
        }
        catch (Exception problem) when (problem is JsonException or NotSupportedException)
        {
            return Unreadable(sequence);
        }
    }

    private static RunWarning Unreadable(long sequence) => new() { Sequence = sequence, Message = $"event {sequence} is of a kind that this release does not know" };

    private RedisKey Key(string runId) => $"{clusterId}/run-log/{runId}";
}
