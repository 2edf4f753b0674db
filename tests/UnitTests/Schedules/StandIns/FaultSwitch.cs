namespace Lcnn.Distributed.UnitTests.Schedules.StandIns;

/// <summary>Which of the faults that were put into the code is there.</summary>
public static class FaultSwitch
{
    public const int None = -1;

    private static int _on = None;

    public static void Set(int number) => Volatile.Write(ref _on, number);

    public static bool IsOn(int number) => Volatile.Read(ref _on) == number;
}
