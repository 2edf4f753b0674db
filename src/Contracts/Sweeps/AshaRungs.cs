namespace Lcnn.Distributed.Contracts.Sweeps;

/// <summary>The rungs of scheduler "asha": minEpochs * reduction^k epochs for every k that stays below a trial's end, and that end.</summary>
public static class AshaRungs
{
    /// <summary>Epochs of every rung, the last of them a trial's end.</summary>
    public static IReadOnlyList<int> Of(SweepSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var rungs = new List<int>();
        for (long epochs = spec.Scheduler.MinEpochs; epochs < spec.TrialEpochs(); epochs *= spec.Scheduler.Reduction)
        {
            rungs.Add((int)epochs);
        }

        return [.. rungs, spec.TrialEpochs()];
    }
}
