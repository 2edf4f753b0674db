using System.Globalization;

namespace Lcnn.Distributed.Grains.Workers;

/// <summary>A fault asked for by the environment variable LCNN_FAULT, for trials of the recovery: "hang RANK STEP".</summary>
/// <remarks>Only generation 1 has it, so that the replay gets through.</remarks>
internal static class InjectedFault
{
    private const string Variable = "LCNN_FAULT";
    private static readonly (int Rank, long Step)? _hang = Parse(Environment.GetEnvironmentVariable(Variable));

    /// <summary>Never returns if this is the moment.</summary>
    public static void At(int generation, int rank, long step)
    {
        if (_hang is { } hang && generation == 1 && hang == (rank, step))
        {
            Thread.Sleep(Timeout.Infinite);
        }
    }

    private static (int Rank, long Step)? Parse(string? text) => text?.Split(' ') is ["hang", var rank, var step]
        ? (int.Parse(rank, CultureInfo.InvariantCulture), long.Parse(step, CultureInfo.InvariantCulture))
        : null;
}
