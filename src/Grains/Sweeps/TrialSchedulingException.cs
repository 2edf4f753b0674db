namespace Lcnn.Distributed.Grains.Sweeps;

/// <summary>What a trial's run reported could not be dealt with.</summary>
internal sealed class TrialSchedulingException(int number, Exception cause) : Exception($"{cause.GetType().Name}: {cause.Message}", cause)
{
    public int Number { get; } = number;
}
