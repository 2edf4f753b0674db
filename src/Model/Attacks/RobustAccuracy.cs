namespace Lcnn.Distributed.Model.Attacks;

/// <summary>What of a set of samples stands an attack, after each of its members in turn.</summary>
/// <param name="Clean">Share that is classified rightly without one, 0..1.</param>
/// <param name="After">The share that stands, after each attack, by its name and in order.</param>
public sealed record RobustAccuracy(double Clean, IReadOnlyList<KeyValuePair<string, double>> After)
{
    /// <summary>Below all the others.</summary>
    public double Robust => After.Count == 0 ? Clean : After[^1].Value;

    /// <summary>From the samples, all of them together: whoever attacked them.</summary>
    /// <param name="attacks">Names of the attacks that were made, in order.</param>
    public static RobustAccuracy Of(IReadOnlyCollection<SampleAttack> samples, IReadOnlyList<string> attacks)
    {
        double Share(Func<SampleAttack, bool> stands) => samples.Count == 0 ? double.NaN : (double)samples.Count(stands) / samples.Count;
        return new RobustAccuracy(Share(sample => sample.IsCorrect), [.. attacks.Select((attack, last) => KeyValuePair.Create(
            attack, Share(sample => sample.IsCorrect && !attacks.Take(last + 1).Contains(sample.FooledBy))))]);
    }
}
