using Lcnn.Distributed.UnitTests.Schedules.Engine;

namespace Lcnn.Distributed.UnitTests.Schedules.StandIns;

/// <summary>Stands in for <see cref="CancellationTokenRegistration"/>: to dispose it is to wait for its callback if another fiber runs that.</summary>
public readonly struct RegistrationStandIn : IDisposable
{
    private readonly Callback? _callback;

    internal RegistrationStandIn(CancellationToken token, Action<object?> action, object? state)
    {
        _callback = new Callback(action, state);
        _callback.Registration = token.UnsafeRegister(static callback => ((Callback)callback!).Run(), _callback);
    }

    public void Dispose()
    {
        Schedule.Point("end of a registration");
        if (_callback is { } callback && !callback.Registration.Unregister() && callback.RunBy is { } other && other != Fiber.Current)
        {
            Schedule.Current.Await("end of a callback", () => callback.RunBy is null);
        }
    }

    private sealed class Callback(Action<object?> action, object? state)
    {
        public CancellationTokenRegistration Registration { get; set; }

        public Fiber? RunBy { get; private set; }

        public void Run()
        {
            RunBy = Fiber.Current;
            Schedule.Point("callback of a cancellation");
            try
            {
                action(state);
            }
            finally
            {
                RunBy = null;
            }
        }
    }
}
