using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Attacks;

/// <summary>The perturbations that an attack may make of each sample.</summary>
/// <param name="Norm">How they are measured.</param>
/// <param name="Radius">The largest, in units of pixels.</param>
/// <param name="Range">Of the perturbed pixels.</param>
public sealed record NormBall(AttackNorm Norm, double Radius, PixelRange Range)
{
    private const double Tiny = 1e-12;

    /// <summary>The steepest direction of size 1 along a gradient.</summary>
    internal Tensor Direction(Tensor gradient_BCHW) => Norm == AttackNorm.Linf ? gradient_BCHW.sign() : ToUnit(gradient_BCHW);

    /// <summary>Divided by its size.</summary>
    internal Tensor ToUnit(Tensor t_BCHW) => t_BCHW / PerSample.Size(t_BCHW, Norm).Plus(Tiny);

    /// <summary>The nearest images within the ball around the clean ones, then within the range.</summary>
    internal Tensor Project(Tensor x_BCHW, Tensor clean_BCHW)
    {
        var change = x_BCHW - clean_BCHW;
        if (Norm == AttackNorm.Linf)
        {
            return Range.Clip(clean_BCHW.Plus(change.AtLeast(-Radius).AtMost(Radius)));
        }

        var size = PerSample.Size(change, Norm);
        return Range.Clip(clean_BCHW.Plus(change * (size.AtMost(Radius) / size.Plus(Tiny))));
    }
}
