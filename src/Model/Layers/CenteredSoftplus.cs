using Lcnn.Distributed.Model.Kernels;
using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Layers;

/// <summary>Numbers of the softplus through the origin, (softplus(b x) - ln 2) / b (paper eq. 3, reference models/psoftplus.py).</summary>
public static class CenteredSoftplus
{
    /// <summary>Added to exp(log_beta), psoftplus.py:23.</summary>
    public const double Epsilon = 1e-3;

    /// <summary>Where a beta begins.</summary>
    internal const double InitialBeta = 5;

    /// <summary>What softplus has at 0.</summary>
    internal static readonly double Ln2 = Math.Log(2);

    /// <summary>b of its logarithm, shape [], differentiable.</summary>
    internal static Tensor Beta(Tensor logBeta) => logBeta.exp().Plus(Epsilon);

    /// <summary>The function as operations that autograd differentiates as often as one likes, by x and by b.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="beta">b, shape [].</param>
    internal static Tensor Of(Tensor x, Tensor beta)
    {
        using var scope = NewDisposeScope();
        return ((x * beta).Softplus(1, ISoftplusKernels.Threshold).Plus(-Ln2) / beta).MoveToOuterDisposeScope();
    }
}
