using System.Diagnostics;
using System.Globalization;
using Lcnn.Distributed.UnitTests.Schedules.Engine;
using Lcnn.Distributed.UnitTests.Schedules.Scenarios;

namespace Lcnn.Distributed.UnitTests.Schedules;

/// <summary>Runs schedules one after the other, on as many threads as there are processors.</summary>
public static class ScheduleRunner
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    private static readonly Dictionary<string, Action<Schedule>> _scenarios = new()
    {
        ["mailbox"] = MailboxScenario.Run,
        ["outbox"] = OutboxScenario.Run,
        ["stream"] = schedule => LinkScenario.Run(schedule, "stream"),
        ["grain"] = schedule => LinkScenario.Run(schedule, "grain"),
        ["auto"] = schedule => LinkScenario.Run(schedule, "auto"),
        ["slots"] = SlotScenario.Run,
        ["record"] = RecordScenario.Run,
    };

    /// <summary>Runs schedules of a scenario with seeds in a row until one fails.</summary>
    /// <param name="fault">Number of the fault that is switched on, or <see cref="StandIns.FaultSwitch.None"/>.</param>
    /// <returns>Figures that begin with "ok", or the failure with its seed. With one seed, the signature of the order that it drew.</returns>
    public static string Run(string scenario, long firstSeed, int count, int fault)
    {
        var (next, points, failure, gate) = (firstSeed - 1, 0L, (string?)null, new object());
        StandIns.FaultSwitch.Set(fault);
        var clock = Stopwatch.StartNew();
        var signature = 0L;
        var threads = Enumerable.Range(0, Math.Min(count, Environment.ProcessorCount)).Select(_ => new Thread(() =>
        {
            var idle = new Stack<Carrier>();
            for (var seed = Interlocked.Increment(ref next); seed < firstSeed + count && Volatile.Read(ref failure) is null; seed = Interlocked.Increment(ref next))
            {
                var schedule = new Schedule(seed, idle);
                var hasEnded = schedule.Run(_scenarios[scenario], _patience);
                Interlocked.Add(ref points, schedule.Points);
                signature = schedule.Signature;
                if (!hasEnded || schedule.Failure is not null)
                {
                    lock (gate)
                    {
                        failure ??= $"LCNN_SEED={scenario}:{seed} {schedule.Failure ?? "a thread waits for what no schedule controls"}";
                    }
                }
            }

            while (idle.TryPop(out var carrier))
            {
                carrier.End();
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        return failure ?? string.Create(
            CultureInfo.InvariantCulture,
            $"ok: {count} schedules of {scenario} in {clock.Elapsed.TotalSeconds:F1} s, {(double)points / count:F0} points each{(count == 1 ? $", order {signature:x}" : "")}");
    }
}
