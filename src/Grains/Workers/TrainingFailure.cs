using Lcnn.Distributed.Grains.Collectives;
using Lcnn.Distributed.Model.Native;
using Lcnn.Distributed.Model.Own;
using Lcnn.Distributed.Model.Training;

namespace Lcnn.Distributed.Grains.Workers;

/// <summary>Training itself broke: it diverged, or a rank cannot go on.</summary>
internal sealed class TrainingFailure(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Uses the state after a step; a state that is not finite is that step's failure.</summary>
    public static T At<T>(long step, Func<T> useState)
    {
        try
        {
            return useState();
        }
        catch (NonFiniteWeightsException exception)
        {
            throw new TrainingFailure($"step {step}: {exception.Message}", exception);
        }
    }

    /// <summary>What libtorch or an operation of the program's own could not do, with when and what helps; null for any other exception. A replay would end the same way.</summary>
    public static TrainingFailure? Of(RankActivity activity, Exception exception)
    {
        if (exception is OwnOperationException broken)
        {
            return new TrainingFailure($"step {activity.Now.Step} ({activity.Now.Phase}): {broken.Message}; mend the operation, on every silo", broken);
        }

        var refusal = exception as LibtorchException ?? (LibtorchException.IsRaw(exception) ? LibtorchException.At("an operation", exception) : null);
        if (refusal is null)
        {
            return null;
        }

        var (phase, step) = activity.Now;
        return new TrainingFailure($"step {step} ({phase}): {refusal.Message}{(refusal.IsOutOfMemory ? $"; {Remedy(phase)}" : "")}", refusal);
    }

    // Evaluation and curvature have batches of a fixed size.
    private static string Remedy(string phase) => phase switch
    {
        "evaluate" => "lower --threads, or use a machine with more memory",
        "measure curvature" => "lower --threads or --curvature-samples, which 0 turns off",
        _ => "lower --batch-size or --threads, or raise --shards",
    };
}
