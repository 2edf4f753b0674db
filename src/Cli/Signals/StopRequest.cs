namespace Lcnn.Distributed.Cli.Signals;

/// <summary>The user's wish to stop: the first signal asks, a later Ctrl-C insists.</summary>
internal sealed class StopRequest : IDisposable
{
    /// <summary>Reason of a run that was stopped by Ctrl-C.</summary>
    public const string Interrupted = "SIGINT";

    /// <summary>Reason of a run that was stopped by SIGTERM.</summary>
    public const string Terminated = "SIGTERM";

    /// <summary>Reason of a run that was stopped by SIGHUP.</summary>
    public const string HungUp = "SIGHUP";

    private readonly CancellationTokenSource _source = new();
    private readonly IDisposable _listening;
    private readonly Action<int> _exitNow;
    private int _signal;

    public StopRequest(ISignalSource signals, Action<int> exitNow)
    {
        _exitNow = exitNow;
        _listening = signals.Listen(OnSignal);
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>The first signal, which decides the exit code.</summary>
    public StopSignal? First => _signal == 0 ? null : (StopSignal)_signal;

    /// <summary>The first signal in the words of the events.</summary>
    public string Reason => First switch
    {
        StopSignal.Interrupt => Interrupted,
        StopSignal.Terminate => Terminated,
        StopSignal.HangUp => HungUp,
        _ => "",
    };

    /// <summary>The signal behind the reason of a run that was stopped; null where there was none.</summary>
    public static StopSignal? SignalOf(string reason) => reason switch
    {
        Interrupted => StopSignal.Interrupt,
        Terminated => StopSignal.Terminate,
        HungUp => StopSignal.HangUp,
        _ => null,
    };

    public void Dispose()
    {
        _listening.Dispose();
        _source.Dispose();
    }

    private void OnSignal(StopSignal signal)
    {
        if (Interlocked.CompareExchange(ref _signal, (int)signal, 0) == 0)
        {
            _source.CancelAsync(); // not on the signal's thread: callbacks may take their time
        }
        else if (signal == StopSignal.Interrupt)
        {
            _exitNow((int)StopSignal.Interrupt);
        }
    }
}
