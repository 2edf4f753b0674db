namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>Checks that a spec's optimizer, its options and the warm-up go together; the bounds of each are checked elsewhere.</summary>
internal static class OptimizerValidator
{
    public static IEnumerable<SpecProblem> Validate(RunSpec spec)
    {
        if (!AdamBetas.TryParse(spec.Betas, out _))
        {
            yield return new(nameof(RunSpec.Betas), $"expected two numbers from 0 to below 1 such as {AdamBetas.Default}, got '{spec.Betas}'");
        }

        if (spec.Nesterov && spec.Optimizer == "adamw")
        {
            yield return new(nameof(RunSpec.Nesterov), "Nesterov's momentum is SGD's; leave it out, or use optimizer sgd");
        }
        else if (spec is { Nesterov: true, Momentum: 0 })
        {
            yield return new(nameof(RunSpec.Nesterov), "Nesterov's momentum needs a momentum above 0, got 0");
        }

        var epochs = Math.Min(spec.Epochs, spec.ScheduledEpochs());
        if (spec.WarmupEpochs > 0 && epochs > 0 && spec.WarmupEpochs >= epochs)
        {
            yield return new(nameof(RunSpec.WarmupEpochs), $"expected fewer than the {epochs} epochs of which the warm-up is a part, got {spec.WarmupEpochs}");
        }
    }
}
