namespace Lcnn.Distributed.Silo.Security;

/// <summary>Counts whoever is turned away, and has one line written a while and reason: strangers must not fill a log.</summary>
internal sealed class TurnedAway(TimeProvider clock)
{
    private const int MostReasons = 64; // whoever makes up reasons gets no more than that
    private static readonly TimeSpan _while = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, long> _toldAt = [];
    private readonly Lock _gate = new();
    private long _count;

    /// <summary>One more.</summary>
    /// <returns>How many there were in all, when it is to be told; null when it was, not long ago.</returns>
    public long? Count(string reason)
    {
        lock (_gate)
        {
            _count++;
            var now = clock.GetTimestamp();
            foreach (var old in _toldAt.Where(told => clock.GetElapsedTime(told.Value, now) >= _while).Select(told => told.Key).ToList())
            {
                _toldAt.Remove(old);
            }

            return _toldAt.Count < MostReasons && _toldAt.TryAdd(reason, now) ? _count : null;
        }
    }
}
