using Lcnn.Distributed.Cli.Signals;

namespace Lcnn.Distributed.UnitTests.Cli;

/// <summary>Signals that a test sends.</summary>
internal sealed class FakeSignals : ISignalSource
{
    private Action<StopSignal>? _onSignal;

    public bool IsListening => _onSignal is not null;

    public IDisposable Listen(Action<StopSignal> onSignal)
    {
        _onSignal = onSignal;
        return new Listening(this);
    }

    public void Send(StopSignal signal) => _onSignal?.Invoke(signal);

    private sealed class Listening(FakeSignals owner) : IDisposable
    {
        public void Dispose() => owner._onSignal = null;
    }
}
