namespace Lcnn.Distributed.UnitTests.Schedules.Engine;

/// <summary>Time that passes when a timer fires, which is one more choice of the schedule; timers fire in order.</summary>
internal sealed class VirtualClock(Schedule schedule) : TimeProvider
{
    private readonly List<Timer> _timers = [];
    private long _now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public TimeSpan Now => TimeSpan.FromTicks(_now);

    public bool HasTimers => _timers.Count > 0;

    /// <summary>Whether one may fire before work that is ready: work may take a minute, but not ten.</summary>
    public bool HasEarlyTimers => HasTimers && _timers.Min(timer => timer.Due) <= _now + TimeSpan.TicksPerMinute;

    public override long GetTimestamp() => _now;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(_now);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Lets the timer fire whose time comes first.</summary>
    public Fiber FireNext()
    {
        var timer = _timers.MinBy(timer => timer.Due)!;
        _timers.Remove(timer);
        _now = Math.Max(_now, timer.Due);
        return schedule.Add("timer", timer.Fire, null);
    }

    private sealed class Timer(VirtualClock clock, TimerCallback callback, object? state) : ITimer
    {
        public long Due { get; private set; }

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            clock._timers.Remove(this);
            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                Due = clock._now + dueTime.Ticks;
                clock._timers.Add(this);
            }

            return true;
        }

        public void Dispose() => clock._timers.Remove(this);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
