namespace Lcnn.Distributed.Grains.Workers;

/// <summary>Says at most once a second how far a phase has come, judged by this rank's share of it. Safe for concurrent calls.</summary>
/// <param name="clock">Measures the second.</param>
/// <param name="report">Told how many samples are done.</param>
internal sealed class PhaseProgress(TimeProvider clock, Action<int> report)
{
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private long _toldAt = clock.GetTimestamp();
    private int _from;
    private int _to;
    private int _parts;
    private int _done;

    /// <summary>Begins a part of the phase.</summary>
    /// <param name="from">Samples done before it.</param>
    /// <param name="to">Samples done after it.</param>
    /// <param name="parts">How often <see cref="Advance"/> will be called in it.</param>
    public void Begin(int from, int to, int parts)
    {
        lock (_lock)
        {
            (_from, _to, _parts, _done) = (from, to, parts, 0);
        }
    }

    /// <summary>One part more is done.</summary>
    public void Advance()
    {
        lock (_lock)
        {
            _done++;
            if (clock.GetElapsedTime(_toldAt) >= _pause)
            {
                _toldAt = clock.GetTimestamp();
                report(_from + (int)((long)(_to - _from) * Math.Min(_done, _parts) / _parts));
            }
        }
    }
}
