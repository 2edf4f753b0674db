using System.Runtime.InteropServices;

namespace Lcnn.Distributed.Cli.Signals;

/// <summary>Handlers of several signals, taken back together.</summary>
internal sealed class SignalRegistrations(params PosixSignalRegistration[] registrations) : IDisposable
{
    public void Dispose() => Array.ForEach(registrations, registration => registration.Dispose());
}
