namespace Lcnn.Distributed.UnitTests.Schedules.Engine;

/// <summary>Every choice of one schedule, from its seed: who goes on, what fails, how late.</summary>
/// <remarks>
/// The seed also draws how threads are interleaved: at random at every point, rarely (so that long stretches run undisturbed), or by random
/// priorities that change at a few points (Burckhardt et al., A randomized scheduler with probabilistic guarantees of finding bugs, 2010).
/// </remarks>
internal sealed class Choices
{
    private readonly HashSet<long> _changePoints = [];
    private readonly int _stretch;
    private readonly int _timerRarity;
    private ulong _state;
    private long _points;
    private long _lowest;

    public Choices(long seed)
    {
        _state = ((ulong)seed + 1) * 0x9E3779B97F4A7C15;
        ByPriority = OneIn(3);
        _stretch = 1 << (2 * Below(4)); // 1, 4, 16, 64
        _timerRarity = 1 << (4 + Below(8));
        for (var i = ByPriority ? Below(5) : 0; i > 0; i--)
        {
            _changePoints.Add(Below(8 << Below(8)));
        }
    }

    private bool ByPriority { get; }

    /// <summary>A number from 0 to below the limit.</summary>
    public int Below(int limit) => (int)(((Draw() >> 32) * (ulong)limit) >> 32);

    public bool OneIn(int count) => Below(count) == 0;

    /// <summary>Whether a timer fires though somebody could go on.</summary>
    public bool TimerComesFirst() => OneIn(_timerRarity);

    public long Priority() => (long)(Draw() >> 2);

    /// <summary>Whether others are asked at this point.</summary>
    public bool MayInterrupt(Fiber current)
    {
        if (!ByPriority)
        {
            return _stretch == 1 || OneIn(_stretch);
        }

        if (_changePoints.Contains(_points++))
        {
            current.Priority = --_lowest;
        }

        return true;
    }

    public Fiber Pick(List<Fiber> ready) => ByPriority ? ready.MaxBy(fiber => fiber.Priority)! : ready[Below(ready.Count)];

    // SplitMix64
    private ulong Draw()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
