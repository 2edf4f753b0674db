namespace Lcnn.Distributed.UnitTests.Schedules.Engine;

/// <summary>One grain: of its turns only one runs at a time, in any order.</summary>
internal sealed class Turns
{
    public Fiber? Current { get; set; }
}
