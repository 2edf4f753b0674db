namespace Lcnn.Distributed.Cli.Signals;

/// <summary>Where the wish to stop comes from.</summary>
internal interface ISignalSource
{
    /// <summary>Hands over every signal, instead of its default effect, until disposed.</summary>
    IDisposable Listen(Action<StopSignal> onSignal);
}

/// <summary>A signal, by the exit code it leads to.</summary>
internal enum StopSignal
{
    /// <summary>SIGHUP, the terminal is gone.</summary>
    HangUp = 129,

    /// <summary>SIGINT, Ctrl-C.</summary>
    Interrupt = 130,

    /// <summary>SIGTERM.</summary>
    Terminate = 143,
}
