using System.Globalization;

namespace Lcnn.Distributed.Grains.Workers;

/// <summary>A fault asked for by the environment variable LCNN_FAULT, for trials of the recovery.</summary>
/// <remarks>
/// "hang RANK STEP" never returns; only generation 1 has it, so that the replay gets through. "hold GENERATION RANK STEP FILE" waits until
/// there is such a file, so that something else can be made to happen before the step. "exhaust RANK STEP" has the backward passes want
/// more memory than there is; runs that end before that step are spared.
/// </remarks>
internal static class InjectedFault
{
    private const string Variable = "LCNN_FAULT";
    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(20);
    private static readonly string? _text = Environment.GetEnvironmentVariable(Variable);
    private static readonly Fault? _fault = TryParse(_text);

    /// <summary>Returns late or never if this is the moment.</summary>
    /// <returns>Whether the step's backward passes are to want too much memory.</returns>
    /// <exception cref="TrainingFailure">What was asked for is no fault.</exception>
    public static bool At(int generation, int rank, long step)
    {
        if (_fault is null && !string.IsNullOrEmpty(_text))
        {
            throw new TrainingFailure($"{Variable} is \"{_text}\", expected \"hang RANK STEP\", \"exhaust RANK STEP\" or \"hold GENERATION RANK STEP FILE\"; unset it or correct it");
        }

        if (_fault is not { } fault || (fault.Generation, fault.Rank, fault.Step) != (generation, rank, step))
        {
            return false;
        }

        while (!fault.Exhausts && (fault.Until is null || !File.Exists(fault.Until)))
        {
            Thread.Sleep(_look);
        }

        return fault.Exhausts;
    }

    internal static Fault? TryParse(string? text) => text?.Split(' ') switch
    {
        ["hang", var rank, var step] => TryParse("1", rank, step, file: null),
        ["exhaust", var rank, var step] => TryParse("1", rank, step, file: null) is { } fault ? fault with { Exhausts = true } : null,
        ["hold", var generation, var rank, var step, var file] => TryParse(generation, rank, step, file),
        _ => null,
    };

    private static Fault? TryParse(string generation, string rank, string step, string? file) =>
        TryRead(generation, out var inGeneration) && TryRead(rank, out var ofRank) && TryRead(step, out var atStep)
            ? new Fault(inGeneration, ofRank, atStep, file)
            : null;

    private static bool TryRead(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    internal sealed record Fault(int Generation, int Rank, long Step, string? Until, bool Exhausts = false);
}
