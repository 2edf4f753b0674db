namespace Lcnn.Distributed.UnitTests.Schedules.Engine;

/// <summary>Makes a fiber of every task; one that may run inline does so or not, by choice.</summary>
internal sealed class FiberScheduler(Schedule schedule, Turns? turns = null) : TaskScheduler
{
    protected override void QueueTask(Task task) => schedule.Add("task", () => TryExecuteTask(task), turns);

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && Fiber.Current is { } current && current.Schedule == schedule && current.Turns == turns
        && schedule.Choices.OneIn(2) && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks() => [];
}
