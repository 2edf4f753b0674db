using Lcnn.Distributed.Model.Kernels;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Optimizers;

/// <summary>Adam with decoupled weight decay (arXiv 1711.05101), as torch.optim.AdamW: w -= rate decay w; m += (1 - beta1)(g - m); v = beta2 v + (1 - beta2) g g; w -= rate / c1 * m / (sqrt(v / c2) + eps), c = 1 - beta^step.</summary>
/// <param name="beta1">Decay of the mean of gradients, from 0 to below 1.</param>
/// <param name="beta2">Decay of the mean of their squares, from 0 to below 1.</param>
/// <param name="epsilon">Added to the root.</param>
/// <param name="weightDecay">Share of a weight, times the rate, that a step takes away.</param>
public sealed class AdamW(double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 1e-2) : Optimizer
{
    /// <inheritdoc/>
    /// <remarks>The names of torch.optim's state; its <c>step</c> is the file's.</remarks>
    public override IReadOnlyList<string> StateSuffixes { get; } = [".exp_avg", ".exp_avg_sq"];

    internal override void Update(RawParameter parameter, Tensor gradient, OptimizerStep step)
    {
        var (value, mean, square) = (parameter.Value, parameter.OptimizerState[0], parameter.OptimizerState[1]);
        var factors = new AdamWSweep.Factors(
            Kept: parameter.Decays ? 1 - (step.LearningRate * weightDecay) : 1,
            Beta1: beta1,
            Beta2: beta2,
            Rate: step.LearningRate / (1 - Math.Pow(beta1, step.Number)),
            RootScale: Math.Sqrt(1 - Math.Pow(beta2, step.Number)),
            Epsilon: epsilon,
            GradientScale: step.GradientScale);
        if (WeightSweeps.Take(value, mean, square, gradient))
        {
            AdamWSweep.Update(value, mean, square, gradient, factors);
            return;
        }

        var scaled = step.GradientScale != 1 ? gradient.TimesInPlace(step.GradientScale) : gradient;
        mean.PlusScaledInPlace(scaled.PlusScaled(mean, -1), 1 - beta1);
        square.TimesInPlace(beta2).PlusProductInPlace(scaled, scaled, 1 - beta2);
        var root = square.sqrt().DividedBy(factors.RootScale).Plus(epsilon);
        value.TimesInPlace(factors.Kept).PlusScaledInPlace(mean / root, -factors.Rate);
    }
}
