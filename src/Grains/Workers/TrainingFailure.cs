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
}
