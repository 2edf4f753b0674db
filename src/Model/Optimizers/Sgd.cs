using Lcnn.Distributed.Model.Kernels;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Optimizers;

/// <summary>SGD with momentum, without dampening (train_models.py:205-214), as torch.optim.SGD: g += decay w; m = momentum m + g; w -= rate m, or with Nesterov rate (g + momentum m).</summary>
/// <param name="momentum">From 0 to below 1.</param>
/// <param name="weightDecay">Added to the gradient.</param>
/// <param name="nesterov">Whether a step looks one momentum ahead.</param>
public sealed class Sgd(double momentum = 0.9, double weightDecay = 5e-4, bool nesterov = false) : Optimizer
{
    /// <inheritdoc/>
    /// <remarks>The momentum buffer lies under the parameter's own key.</remarks>
    public override IReadOnlyList<string> StateSuffixes { get; } = [""];

    internal override void Update(RawParameter parameter, Tensor gradient, OptimizerStep step)
    {
        var (value, buffer) = (parameter.Value, parameter.OptimizerState[0]);
        var decay = parameter.Decays ? weightDecay : 0;
        if (WeightSweeps.Take(value, buffer, gradient))
        {
            SgdSweep.Update(value, buffer, gradient, new SgdSweep.Factors(decay, momentum, step.LearningRate, step.GradientScale, nesterov));
            return;
        }

        var scaled = step.GradientScale != 1 ? gradient.TimesInPlace(step.GradientScale) : gradient;
        var decayed = decay != 0 ? scaled.PlusScaledInPlace(value, decay) : scaled;
        buffer.TimesInPlace(momentum).PlusInPlace(decayed);
        value.PlusScaledInPlace(nesterov ? decayed.PlusScaledInPlace(buffer, momentum) : buffer, -step.LearningRate);
    }
}
