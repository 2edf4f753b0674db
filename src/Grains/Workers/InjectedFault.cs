using System.Globalization;

namespace Lcnn.Distributed.Grains.Workers;

/// <summary>A fault asked for by the environment variable LCNN_FAULT, for trials of the recovery.</summary>
/// <remarks>
/// "hang RANK STEP" never returns; only generation 1 has it, so that the replay gets through. "hold GENERATION RANK STEP FILE" waits until
/// there is such a file, so that something else can be made to happen before the step.
/// </remarks>
internal static class InjectedFault
{
    private const string Variable = "LCNN_FAULT";
    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(20);
    private static readonly Fault? _fault = Parse(Environment.GetEnvironmentVariable(Variable));

    /// <summary>Returns late or never if this is the moment.</summary>
    public static void At(int generation, int rank, long step)
    {
        if (_fault is not { } fault || (fault.Generation, fault.Rank, fault.Step) != (generation, rank, step))
        {
            return;
        }

        while (fault.Until is null || !File.Exists(fault.Until))
        {
            Thread.Sleep(_look);
        }
    }

    private static Fault? Parse(string? text) => text?.Split(' ') switch
    {
        ["hang", var rank, var step] => new Fault(1, Number(rank), Number(step), Until: null),
        ["hold", var generation, var rank, var step, var file] => new Fault(Number(generation), Number(rank), Number(step), file),
        _ => null,
    };

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private sealed record Fault(int Generation, int Rank, long Step, string? Until);
}
