using System.Diagnostics;
using System.Text;

namespace Lcnn.Distributed.UnitTests.Schedules.Engine;

/// <summary>One order of everything that happens in a scenario, drawn from a seed.</summary>
/// <remarks>
/// Threads, tasks and timers become fibers of which one runs at a time. At every point (a lock, a wait, a socket's call, a field that is read
/// or written outside of locks, the end of a fiber) the seed chooses who goes on. When nobody can and something is unfinished, or a scenario
/// does not end, the schedule has failed: its threads are left standing and its last choices are told.
/// </remarks>
internal sealed class Schedule
{
    private const int PointLimit = 100_000;
    private const int ToldChoices = 1000;

    private readonly List<Fiber> _fibers = [];
    private readonly List<Fiber> _ready = [];
    private readonly Queue<(string Name, string At)> _trace = new();
    private readonly Dictionary<object, StandIns.MonitorState> _monitors = new(ReferenceEqualityComparer.Instance);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Stack<Carrier> _idle;
    private readonly Lazy<FiberScheduler> _tasks;
    private bool _hasRootEnded;
    private int _made;
    private long _signature = 17;

    public Schedule(long seed, Stack<Carrier> idle)
    {
        _idle = idle;
        Choices = new Choices(seed);
        Clock = new VirtualClock(this);
        _tasks = new(() => new FiberScheduler(this));
    }

    public Choices Choices { get; }

    public VirtualClock Clock { get; }

    public int Points { get; private set; }

    /// <summary>Why it failed; null while it has not.</summary>
    public string? Failure { get; private set; }

    /// <summary>Tells two orders apart.</summary>
    public long Signature => _signature;

    /// <summary>What the default scheduler is to code in the schedule.</summary>
    public TaskScheduler Tasks => _tasks.Value;

    /// <summary>Whatever the scenario's connections go over.</summary>
    public StandIns.Network Network { get; } = new();

    public static Schedule Current => Fiber.Current?.Schedule ?? throw new InvalidOperationException("a thread that no schedule controls has come into controlled code");

    /// <summary>Runs a scenario to its end.</summary>
    /// <returns>Whether it ended within the time; else some thread waits for what the schedule does not control.</returns>
    public bool Run(Action<Schedule> scenario, TimeSpan patience)
    {
        Go(() => RunRoot(scenario)).Ignore();
        _idle.TryPop(out var carrier);
        (carrier ?? new Carrier(_idle)).Begin(_fibers[0]);
        return _ended.Task.Wait(patience);
    }

    public Fiber Add(string name, Action work, Turns? turns)
    {
        if (Fiber.Current?.Schedule != this && _made > 0)
        {
            Failure ??= $"a thread that the schedule does not control lets something go on: {new StackTrace()}";
            _ended.TrySetResult();
            Thread.Sleep(Timeout.Infinite);
        }

        var fiber = new Fiber(this, $"{name} {++_made}", work, turns, Choices.Priority());
        _fibers.Add(fiber);
        return fiber;
    }

    /// <summary>A thread of its own.</summary>
    public Task Go(Action work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.None, Tasks);

    /// <summary>An asynchronous method, on the pool or in a grain's turns.</summary>
    public Task Go(Func<Task> work, Turns? turns = null) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.None, turns is null ? Tasks : new FiberScheduler(this, turns)).Unwrap();

    /// <summary>Lets others go first, if the seed will have it so.</summary>
    public static void Point(string at)
    {
        if (Fiber.Current is { } current)
        {
            current.Schedule.Pass(current, at);
        }
    }

    /// <summary>Stands still until something holds.</summary>
    public void Await(string what, Func<bool> awaited)
    {
        var current = Fiber.Current!;
        if (!awaited())
        {
            (current.At, current.Awaited) = (what, awaited);
            SwitchTo(current, Pick());
            current.Awaited = null;
        }
    }

    /// <summary>Waits for tasks of the scenario; one that failed fails the schedule.</summary>
    public void Finish(string what, params IReadOnlyList<Task> tasks)
    {
        for (var i = 0; i < tasks.Count; i++) // there may come more meanwhile
        {
            var task = tasks[i];
            Await(what, () => task.IsCompleted);
            if (task.IsFaulted)
            {
                Fail($"{what}: {task.Exception.InnerException}");
            }
        }
    }

    /// <summary>Waits until nothing else is under way, timers included.</summary>
    public void Settle(string what) => Await(what, () => _fibers.Count == 1 && !Clock.HasTimers);

    public void Check(bool holds, string otherwise)
    {
        if (!holds)
        {
            Fail(otherwise);
        }
    }

    /// <summary>Ends the schedule here; the thread does not come back.</summary>
    public void Fail(string why)
    {
        var text = new StringBuilder(why).AppendLine().AppendLine($"after {Points} points at {Clock.Now}; unfinished:");
        foreach (var fiber in _fibers)
        {
            text.AppendLine($"  {fiber.Name} at {fiber.At}{(fiber == Fiber.Current ? " (now)" : "")}");
        }

        text.AppendLine("last choices:");
        foreach (var (name, at) in _trace)
        {
            text.AppendLine($"  {name}: {at}");
        }

        Failure = text.ToString();
        _ended.TrySetResult();
        Thread.Sleep(Timeout.Infinite);
    }

    public StandIns.MonitorState MonitorOf(object gate)
    {
        if (!_monitors.TryGetValue(gate, out var monitor))
        {
            _monitors[gate] = monitor = new StandIns.MonitorState();
        }

        return monitor;
    }

    /// <summary>A fiber has ended.</summary>
    /// <returns>One that the same thread can carry on with; null when another thread goes on.</returns>
    public Fiber? Finish(Fiber fiber, Stack<Carrier> idle, Carrier carrier)
    {
        _fibers.Remove(fiber);
        if (fiber.Turns is { } turns)
        {
            turns.Current = null;
        }

        if (_fibers.Count == 0)
        {
            idle.Push(carrier);
            _ended.TrySetResult();
            return null;
        }

        var next = Pick();
        if (next.Carrier is null)
        {
            Begin(next);
            return next;
        }

        idle.Push(carrier);
        next.Carrier.Resume();
        return null;
    }

    /// <summary>Puts a line among the choices that are told if the schedule fails.</summary>
    public void Tell(string what) => Tell($"  {Fiber.Current?.Name} says", what);

    private void RunRoot(Action<Schedule> scenario)
    {
        try
        {
            scenario(this);
        }
        catch (Exception exception)
        {
            Fail(exception.ToString());
        }

        _hasRootEnded = true;
    }

    private void Pass(Fiber current, string at)
    {
        if (++Points > PointLimit)
        {
            Fail("it does not end");
        }

        if (Choices.MayInterrupt(current))
        {
            current.At = at;
            SwitchTo(current, Pick());
        }
    }

    private Fiber Pick()
    {
        _ready.Clear();
        foreach (var fiber in _fibers)
        {
            if (fiber.IsReady)
            {
                _ready.Add(fiber);
            }
        }

        if (_ready.Count == 0 ? Clock.HasTimers : Clock.HasEarlyTimers && Choices.TimerComesFirst())
        {
            return Note(Clock.FireNext());
        }

        if (_ready.Count == 0)
        {
            Fail(_hasRootEnded ? "something is left behind" : "nobody can go on");
        }

        return Note(_ready.Count == 1 ? _ready[0] : Choices.Pick(_ready));
    }

    private Fiber Note(Fiber fiber)
    {
        Points++;
        _signature = unchecked((_signature * 31) + _fibers.IndexOf(fiber));
        Tell(fiber.Name, fiber.At);
        return fiber;
    }

    private void Tell(string name, string at)
    {
        if (_trace.Count == ToldChoices)
        {
            _trace.Dequeue();
        }

        _trace.Enqueue((name, at));
    }

    private void SwitchTo(Fiber current, Fiber next)
    {
        if (next == current)
        {
            return;
        }

        var own = current.Carrier!;
        if (next.Carrier is { } carrier)
        {
            carrier.Resume();
        }
        else
        {
            Begin(next);
            _idle.TryPop(out var free);
            (free ?? new Carrier(_idle)).Begin(next);
        }

        own.Stop();
    }

    private static void Begin(Fiber fiber)
    {
        if (fiber.Turns is { } turns)
        {
            turns.Current = fiber;
        }
    }
}
