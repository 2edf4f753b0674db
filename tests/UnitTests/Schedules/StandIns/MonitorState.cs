using Lcnn.Distributed.UnitTests.Schedules.Engine;

namespace Lcnn.Distributed.UnitTests.Schedules.StandIns;

/// <summary>A lock that fibers take, and its waiters.</summary>
internal sealed class MonitorState
{
    private readonly List<Waiter> _waiters = [];
    private Fiber? _owner;
    private int _depth;

    public void Enter()
    {
        var current = Fiber.Current!;
        Schedule.Point("lock");
        if (_owner != current)
        {
            current.Schedule.Await("lock held by another", () => _owner is null);
            (_owner, _depth) = (current, 0);
        }

        _depth++;
        current.LocksHeld++;
    }

    public void Exit()
    {
        Own().LocksHeld--;
        if (--_depth == 0)
        {
            _owner = null;
        }
    }

    public void Wait()
    {
        var current = Own();
        var (depth, waiter) = (_depth, new Waiter());
        _waiters.Add(waiter);
        _owner = null;
        current.LocksHeld -= depth;
        current.Schedule.Await("wait for a pulse", () => waiter.IsPulsed && _owner is null);
        (_owner, _depth) = (current, depth);
        current.LocksHeld += depth;
    }

    public void PulseAll()
    {
        Own();
        _waiters.ForEach(waiter => waiter.IsPulsed = true);
        _waiters.Clear();
    }

    private Fiber Own() => _owner is { } owner && owner == Fiber.Current
        ? owner
        : throw new SynchronizationLockException("a lock is used by a thread that does not hold it");

    private sealed class Waiter
    {
        public bool IsPulsed { get; set; }
    }
}
