using System.Runtime.InteropServices;

namespace Lcnn.Distributed.Cli.Signals;

/// <summary>Signals of a process whose parent speaks for it: the end of standard input, however the parent ended, means stop.</summary>
internal sealed class ParentSignals : ISignalSource
{
    /// <summary>By which a parent says that it will speak so.</summary>
    public const string Option = "--until-input-ends";

    public IDisposable Listen(Action<StopSignal> onSignal)
    {
        // Ctrl-C and the end of a terminal reach all its processes: the parent stops the run first and then closes our input.
        var interrupts = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        var hangUps = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => context.Cancel = true);
        var terminations = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            onSignal(StopSignal.Terminate);
        });
        new Thread(() => WaitForEnd(onSignal)) { IsBackground = true, Name = "parent" }.Start();
        return new SignalRegistrations(interrupts, hangUps, terminations);
    }

    private static void WaitForEnd(Action<StopSignal> onSignal)
    {
        using var input = Console.OpenStandardInput();
        Span<byte> ignored = stackalloc byte[64];
        while (input.Read(ignored) > 0)
        {
        }

        onSignal(StopSignal.Terminate);
    }
}
