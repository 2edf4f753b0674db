using System.Runtime.CompilerServices;
using Lcnn.Distributed.UnitTests.Schedules.Engine;

namespace Lcnn.Distributed.UnitTests.Schedules.StandIns;

/// <summary>Methods that stand in for those of the same name; an instance is their first parameter.</summary>
public static class CallStandIns
{
    public static TaskScheduler get_Default() => Schedule.Current.Tasks;

    public static Task Run(Func<Task> work) => Schedule.Current.Go(work);

    public static void Wait(Task task, CancellationToken cancellationToken)
    {
        Schedule.Current.Await("wait for a task", () => task.IsCompleted || cancellationToken.IsCancellationRequested);
        if (!task.IsCompleted)
        {
            throw new OperationCanceledException(cancellationToken);
        }
    }

    /// <summary>Comes back through the schedule, where the framework's goes through the pool.</summary>
    public static async Task WaitAsync(Task task, CancellationToken cancellationToken)
    {
        var first = new TaskCompletionSource();
        ForwardAsync(task, first).Ignore();
        var registration = cancellationToken.UnsafeRegister(_ => first.TrySetCanceled(cancellationToken), null);
        await first.Task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        registration.Unregister();
        await first.Task;

        await task;
    }

    /// <inheritdoc cref="WaitAsync"/>
    public static async Task WhenAll(IEnumerable<Task> tasks)
    {
        Task[] all = [.. tasks];
        foreach (var task in all)
        {
            await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        foreach (var task in all)
        {
            await task;
        }
    }

    /// <summary>Its callbacks run at once, between whatever else the schedule puts between them.</summary>
    public static Task CancelAsync(CancellationTokenSource source)
    {
        Schedule.Point("cancel");
        source.Cancel();
        return Task.CompletedTask;
    }

    public static RegistrationStandIn UnsafeRegister(ref CancellationToken token, Action<object?> action, object? state) => new(token, action, state);

    /// <summary>What goes on in the pool goes on in the schedule.</summary>
    public static ConfiguredTaskAwaitable ConfigureAwait(Task task, ConfigureAwaitOptions options) =>
        task.ConfigureAwait(options | ConfigureAwaitOptions.ContinueOnCapturedContext);

    public static Random get_Shared() => new ChosenRandom(Schedule.Current.Choices);

    public static Guid NewGuid()
    {
        var choices = Schedule.Current.Choices;
        return new Guid(choices.Below(int.MaxValue), 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
    }

    /// <summary>Pinned memory would be a burden to the collector here.</summary>
    public static T[] AllocateUninitializedArray<T>(int length, bool pinned) => new T[length];

    /// <summary>A field is read or written outside of locks.</summary>
    public static void Field()
    {
        if (Fiber.Current is { LocksHeld: 0 })
        {
            Schedule.Point("field");
        }
    }

    private static async Task ForwardAsync(Task task, TaskCompletionSource first)
    {
        await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        first.TrySetResult();
    }

    private sealed class ChosenRandom(Choices choices) : Random
    {
        protected override double Sample() => choices.Below(1 << 30) / (double)(1 << 30);

        public override double NextDouble() => Sample();
    }
}
