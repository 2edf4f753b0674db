using System.Runtime.InteropServices;

namespace Lcnn.Distributed.Cli.Hosting;

/// <summary>SIGINT and SIGTERM of this process.</summary>
internal sealed class PosixSignals : ISignalSource
{
    public IDisposable Listen(Action<StopSignal> onSignal) => new Registrations(
        Register(PosixSignal.SIGINT, StopSignal.Interrupt, onSignal),
        Register(PosixSignal.SIGTERM, StopSignal.Terminate, onSignal));

    private static PosixSignalRegistration Register(PosixSignal signal, StopSignal stop, Action<StopSignal> onSignal) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true; // the run is stopped first
            onSignal(stop);
        });

    private sealed class Registrations(params PosixSignalRegistration[] registrations) : IDisposable
    {
        public void Dispose() => Array.ForEach(registrations, registration => registration.Dispose());
    }
}
