using Lcnn.Distributed.Cli.Output;
using Lcnn.Distributed.Cli.Signals;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary>What the process tells its caller.</summary>
internal static class ExitCode
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int BadInput = 2;

    /// <summary>What a shell says of a program whose reader left it (128 + SIGPIPE).</summary>
    public const int ReaderGone = 141;

    /// <summary>The code of a command whose whole work was to show something.</summary>
    public static int OfShown(OutputHealth output) =>
        output.Loss is null ? Done
        : output.ReaderGone.IsCancellationRequested ? ReaderGone
        : Failed;

    /// <summary>The code of a run's final event; a signal, of this command or of the one that stopped the run, counts only if the run stopped for it.</summary>
    public static int Of(RunEvent final, StopSignal? signal = null) => final switch
    {
        RunCompleted { Robustness.Violations.Count: > 0 } => Failed,
        RunCompleted => Done,
        RunFailed { BadInput: true } => BadInput,
        RunCancelled cancelled when (signal ?? StopRequest.SignalOf(cancelled.Reason)) is { } stop => (int)stop,
        _ => Failed,
    };
}
