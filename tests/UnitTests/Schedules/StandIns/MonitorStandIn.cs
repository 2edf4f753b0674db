using Lcnn.Distributed.UnitTests.Schedules.Engine;

namespace Lcnn.Distributed.UnitTests.Schedules.StandIns;

/// <summary>Stands in for <see cref="Monitor"/>.</summary>
public static class MonitorStandIn
{
    public static void Enter(object gate, ref bool isTaken)
    {
        Schedule.Current.MonitorOf(gate).Enter();
        isTaken = true;
    }

    public static void Exit(object gate) => Schedule.Current.MonitorOf(gate).Exit();

    public static bool Wait(object gate)
    {
        Schedule.Current.MonitorOf(gate).Wait();
        return true;
    }

    public static void PulseAll(object gate) => Schedule.Current.MonitorOf(gate).PulseAll();
}
