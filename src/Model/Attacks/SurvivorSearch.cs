using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Attacks;

/// <summary>Several attempts on the same samples, each only on those that withstood the ones before.</summary>
internal sealed class SurvivorSearch(AttackSamples samples)
{
    private readonly Tensor?[] _found = new Tensor?[samples.Count];
    private readonly bool[] _hadNoGradient = new bool[samples.Count];

    private int[] Survivors => [.. Enumerable.Range(0, samples.Count).Where(row => _found[row] is null)];

    /// <summary>Whether a sample withstood all so far.</summary>
    public bool Withstood(int row) => _found[row] is null;

    /// <summary>One more attempt, in the caller's dispose scope.</summary>
    /// <param name="attempt">What is made of the survivors.</param>
    /// <returns>Whether there were any.</returns>
    public bool Try(Func<AttackSamples, AttackOutcome> attempt)
    {
        var survivors = Survivors;
        if (survivors.Length == 0)
        {
            return false;
        }

        using var scope = NewDisposeScope();
        var outcome = attempt(survivors.Length == samples.Count ? samples : samples.Pick(survivors));
        for (var i = 0; i < survivors.Length; i++)
        {
            _hadNoGradient[survivors[i]] |= outcome.HadNoGradient[i];
            if (outcome.IsFooled[i])
            {
                _found[survivors[i]] = outcome.Images.narrow(0, i, 1).clone().MoveToOuterDisposeScope();
            }
        }

        return true;
    }

    /// <summary>What was found.</summary>
    public AttackOutcome Outcome() => new(
        cat([.. _found.Select((found, row) => found ?? samples.Images.narrow(0, row, 1))], 0),
        [.. _found.Select(found => found is not null)],
        _hadNoGradient);
}
