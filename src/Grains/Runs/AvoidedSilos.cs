namespace Lcnn.Distributed.Grains.Runs;

/// <summary>Silos that live, but that a run does without.</summary>
internal sealed class AvoidedSilos
{
    private readonly SortedSet<string> _unfit = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _cutOff = new(StringComparer.Ordinal);

    /// <summary>All of them.</summary>
    public IReadOnlyList<string> All => [.. _unfit.Union(_cutOff).Order(StringComparer.Ordinal)];

    /// <summary>One that is of no use to the run as long as it lives: a silo that was mended comes back under another address.</summary>
    public void Refuse(string silo) => _unfit.Add(silo);

    /// <summary>A worker was lost: with a silo that others do not reach, or, with null, otherwise, and then all are tried again, as cuts heal.</summary>
    public void Lose(string? cutOff)
    {
        if (cutOff is null)
        {
            _cutOff.Clear();
        }
        else
        {
            _cutOff.Add(cutOff);
        }
    }

    /// <summary>Forgets those that have left.</summary>
    public void Forget(Predicate<string> hasLeft)
    {
        _unfit.RemoveWhere(hasLeft);
        _cutOff.RemoveWhere(hasLeft);
    }
}
