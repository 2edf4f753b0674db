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
    private double _work;
    private double _done;

    /// <summary>Begins a part of the phase.</summary>
    /// <param name="from">Samples done before it.</param>
    /// <param name="to">Samples done after it.</param>
    /// <param name="work">The sum of what <see cref="Advance(double)"/> will be told in it.</param>
    public void Begin(int from, int to, double work)
    {
        lock (_lock)
        {
            (_from, _to, _work, _done) = (from, to, work, 0);
        }
    }

    /// <summary>One part more is done.</summary>
    public void Advance() => Advance(1);

    /// <summary>So much more work is done.</summary>
    public void Advance(double work)
    {
        lock (_lock)
        {
            _done += work;
            if (clock.GetElapsedTime(_toldAt) >= _pause)
            {
                _toldAt = clock.GetTimestamp();
                report(_from + (int)((_to - _from) * Math.Min(_done, _work) / _work));
            }
        }
    }
}
