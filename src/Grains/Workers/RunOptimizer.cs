using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Model.Optimizers;

namespace Lcnn.Distributed.Grains.Workers;

/// <summary>The optimizer that a spec asks for.</summary>
internal static class RunOptimizer
{
    public static Optimizer Of(RunSpec spec)
    {
        var betas = AdamBetas.Parse(spec.Betas);
        return spec.Optimizer switch
        {
            "sgd" => new Sgd(spec.Momentum, spec.WeightDecay, spec.Nesterov),
            "adamw" => new AdamW(betas.First, betas.Second, spec.Epsilon, spec.WeightDecay),
            _ => throw new ArgumentOutOfRangeException(nameof(spec), spec.Optimizer, $"expected one of {string.Join(", ", Names.Optimizers)}"),
        };
    }
}
