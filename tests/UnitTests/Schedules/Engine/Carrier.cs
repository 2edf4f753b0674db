namespace Lcnn.Distributed.UnitTests.Schedules.Engine;

/// <summary>A thread that carries fibers. All but one stand still at any time.</summary>
internal sealed class Carrier
{
    private readonly object _gate = new();
    private readonly Stack<Carrier> _idle;
    private bool _mayGo;
    private Fiber? _next;

    public Carrier(Stack<Carrier> idle)
    {
        _idle = idle;
        new Thread(Carry, maxStackSize: 512 << 10) { IsBackground = true, Name = "schedule" }.Start();
    }

    /// <summary>Lets a fiber begin; null ends the thread.</summary>
    public void Begin(Fiber? fiber)
    {
        _next = fiber;
        Resume();
    }

    /// <summary>Lets the fiber that it carries go on.</summary>
    public void Resume()
    {
        lock (_gate)
        {
            _mayGo = true;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>The thread is no longer needed.</summary>
    public void End() => Begin(null);

    /// <summary>Stands still until resumed.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            while (!_mayGo)
            {
                Monitor.Wait(_gate);
            }

            _mayGo = false;
        }
    }

    private void Carry()
    {
        while (true)
        {
            Stop();
            if (_next is null)
            {
                return;
            }

            for (var fiber = _next; fiber is not null;)
            {
                (fiber.Carrier, Fiber.Current) = (this, fiber);
                fiber.Run();
                fiber = fiber.Schedule.Finish(fiber, _idle, this);
            }

            Fiber.Current = null;
        }
    }
}
