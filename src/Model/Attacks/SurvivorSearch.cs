using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Attacks;

/// <summary>Several attempts on the same samples, each only on those that withstood the ones before.</summary>
internal sealed class SurvivorSearch
{
    private readonly AttackSamples _samples;
    private readonly Tensor?[] _found;
    private readonly bool[] _hadNoGradient;

    private SurvivorSearch(AttackSamples samples) => (_samples, _found, _hadNoGradient) = (samples, new Tensor?[samples.Count], new bool[samples.Count]);

    private int[] Survivors => [.. Enumerable.Range(0, _samples.Count).Where(row => _found[row] is null)];

    /// <summary>All targets in turn, each with all restarts; the result is in the caller's dispose scope.</summary>
    /// <param name="attempt">What is made of the survivors, with a target and a restart from 0.</param>
    public static AttackOutcome Run(AttackSamples samples, int targets, int restarts, Func<AttackSamples, int, int, AttackOutcome> attempt)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var search = new SurvivorSearch(samples);
        for (var target = 0; target < targets; target++)
        {
            for (var restart = 0; restart < restarts; restart++)
            {
                search.Try(survivors => attempt(survivors, target, restart));
            }
        }

        var outcome = search.Outcome();
        outcome.Images.MoveToOuterDisposeScope();
        return outcome;
    }

    private void Try(Func<AttackSamples, AttackOutcome> attempt)
    {
        var survivors = Survivors;
        if (survivors.Length == 0)
        {
            return;
        }

        using var scope = NewDisposeScope();
        var outcome = attempt(survivors.Length == _samples.Count ? _samples : _samples.Pick(survivors));
        for (var i = 0; i < survivors.Length; i++)
        {
            _hadNoGradient[survivors[i]] |= outcome.HadNoGradient[i];
            if (outcome.IsFooled[i])
            {
                _found[survivors[i]] = outcome.Images.narrow(0, i, 1).clone().MoveToOuterDisposeScope();
            }
        }
    }

    private AttackOutcome Outcome() => new(
        cat([.. _found.Select((found, row) => found ?? _samples.Images.narrow(0, row, 1))], 0),
        [.. _found.Select(found => found is not null)],
        _hadNoGradient);
}
