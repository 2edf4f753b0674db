namespace Lcnn.Distributed.UnitTests.Schedules.Engine;

/// <summary>What runs at most one at a time in a schedule: a thread, a task, a continuation, a timer's callback.</summary>
internal sealed class Fiber(Schedule schedule, string name, Action work, Turns? turns, long priority)
{
    [ThreadStatic]
    private static Fiber? _current;

    /// <summary>The one that this thread runs; null on threads outside of schedules.</summary>
    public static Fiber? Current
    {
        get => _current;
        set => _current = value;
    }

    public Schedule Schedule => schedule;

    public string Name => name;

    /// <summary>The grain whose turn this is, if any.</summary>
    public Turns? Turns => turns;

    public long Priority { get; set; } = priority;

    /// <summary>The thread that carries it, once it has begun.</summary>
    public Carrier? Carrier { get; set; }

    /// <summary>What it waits for; null when it can go on.</summary>
    public Func<bool>? Awaited { get; set; }

    /// <summary>Where it last stopped.</summary>
    public string At { get; set; } = "start";

    /// <summary>Locks that it holds.</summary>
    public int LocksHeld { get; set; }

    public bool IsReady => Awaited is null ? Carrier is not null || turns?.Current is null : Awaited();

    public void Run() => work();
}
