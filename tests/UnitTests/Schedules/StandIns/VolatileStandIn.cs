using Lcnn.Distributed.UnitTests.Schedules.Engine;

namespace Lcnn.Distributed.UnitTests.Schedules.StandIns;

/// <summary>Stands in for <see cref="Volatile"/>.</summary>
public static class VolatileStandIn
{
    public static T Read<T>(ref readonly T place)
        where T : class?
    {
        Schedule.Point("volatile read");
        return Volatile.Read(in place);
    }

    public static void Write<T>(ref T place, T value)
        where T : class?
    {
        Schedule.Point("volatile write");
        Volatile.Write(ref place, value);
    }
}
