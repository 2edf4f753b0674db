namespace Lcnn.Distributed.UnitTests.Schedules.StandIns;

/// <summary>Stands in for <see cref="Lock"/>.</summary>
public sealed class LockStandIn
{
    private readonly MonitorState _state = new();

    public Scope EnterScope()
    {
        _state.Enter();
        return new Scope(this);
    }

    /// <summary>Stands in for <see cref="Lock.Scope"/>.</summary>
    public readonly ref struct Scope(LockStandIn gate)
    {
        public void Dispose() => gate._state.Exit();
    }
}
