namespace Lcnn.Distributed.Grains.Workers;

/// <summary>Samples over time spent in steps; evaluation and snapshots do not count.</summary>
internal sealed class Throughput
{
    private long _samples;
    private TimeSpan _time;

    /// <summary>Samples per second so far.</summary>
    public double SamplesPerSecond => _time == TimeSpan.Zero ? double.NaN : _samples / _time.TotalSeconds;

    public void Add(int samples, TimeSpan time)
    {
        _samples += samples;
        _time += time;
    }

    public void Reset() => (_samples, _time) = (0, TimeSpan.Zero);
}
