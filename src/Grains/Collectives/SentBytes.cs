namespace Lcnn.Distributed.Grains.Collectives;

/// <summary>Bytes one rank handed to others, by the transport that carried them.</summary>
internal sealed class SentBytes
{
    private long _memory;
    private long _stream;
    private long _grain;

    /// <summary>By name; memory always, the others where there are any.</summary>
    public IReadOnlyDictionary<string, long> ByTransport => new[]
    {
        KeyValuePair.Create(TransportNames.Memory, Interlocked.Read(ref _memory)),
        KeyValuePair.Create(TransportNames.Stream, Interlocked.Read(ref _stream)),
        KeyValuePair.Create(TransportNames.Grain, Interlocked.Read(ref _grain)),
    }.Where(entry => entry.Value > 0 || entry.Key == TransportNames.Memory).ToDictionary();

    public void AddMemory(long bytes) => Interlocked.Add(ref _memory, bytes);

    public void Add(bool byGrain, long bytes) => Interlocked.Add(ref byGrain ? ref _grain : ref _stream, bytes);
}
