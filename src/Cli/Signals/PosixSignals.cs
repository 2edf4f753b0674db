using System.Runtime.InteropServices;

namespace Lcnn.Distributed.Cli.Signals;

/// <summary>SIGINT, SIGTERM and, unless it was ignored from the start, SIGHUP of this process.</summary>
internal sealed class PosixSignals : ISignalSource
{
    public IDisposable Listen(Action<StopSignal> onSignal)
    {
        var interrupts = Register(PosixSignal.SIGINT, StopSignal.Interrupt, onSignal);
        var terminations = Register(PosixSignal.SIGTERM, StopSignal.Terminate, onSignal);
        return InheritedSignals.IgnoresHangUp
            ? new SignalRegistrations(interrupts, terminations)
            : new SignalRegistrations(interrupts, terminations, Register(PosixSignal.SIGHUP, StopSignal.HangUp, onSignal));
    }

    private static PosixSignalRegistration Register(PosixSignal signal, StopSignal stop, Action<StopSignal> onSignal) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true; // the run is stopped first
            onSignal(stop);
        });
}
