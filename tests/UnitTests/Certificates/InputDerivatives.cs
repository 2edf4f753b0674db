using Lcnn.Distributed.Model.Curvature;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Operations;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Certificates;

/// <summary>First and second derivatives, by the images, of the difference of the first two logits.</summary>
internal static class InputDerivatives
{
    /// <summary>Gradients, shape of the images.</summary>
    public static Tensor Gradients(Network network, IReadOnlyList<PreparedLayer> layers, Tensor x_BCHW)
    {
        using var _ = no_grad();
        using var parameters = new EffectiveParameters(layers, Normalization.Running) { ReachesImages = true };
        using var tape = new Tape(network, parameters);
        using var logits = tape.Run(Pass.Forward, x_BCHW)!;
        return tape.Run(Pass.BackwardToInput, Slope(logits))!;
    }

    /// <summary>Spectral norms of the Hessians from below, by power iteration.</summary>
    public static IReadOnlyList<SampleCurvature> Hessians(Network network, IReadOnlyList<PreparedLayer> layers, Tensor x_BCHW, int iterations)
    {
        using var _ = no_grad();
        using var parameters = new EffectiveParameters(layers, Normalization.Running) { ReachesImages = true };
        using var tape = new Tape(network, parameters);
        using var logits = tape.Run(Pass.Forward, x_BCHW)!;
        using var gradient = tape.Run(Pass.BackwardToInput, Slope(logits))!;
        using var generator = new Generator(5);

        Tensor Product(Tensor direction)
        {
            using var adjoint = tape.Run(Pass.Adjoint, direction)!;
            return tape.Run(Pass.Backward, zeros_like(adjoint))!; // linear in the logits: no curvature of its own
        }

        return HessianPowerIteration.Run(Product, gradient, randn(x_BCHW.shape, dtype: ScalarType.Float64, generator: generator), iterations);
    }

    private static Tensor Slope(Tensor logits)
    {
        var slope = new double[logits.shape[1]];
        (slope[0], slope[1]) = (1, -1);
        return tensor(slope, dtype: ScalarType.Float64).expand(logits.shape).contiguous();
    }
}
