namespace Lcnn.Distributed.Model.Training;

/// <summary>Clips the norm of all gradients together, as torch.nn.utils.clip_grad_norm_.</summary>
public static class GradientClipping
{
    private const double Epsilon = 1e-6;

    /// <summary>What every gradient is multiplied by, at most 1.</summary>
    /// <param name="squares">The squared norm of each layer's raw gradients, in the network's order, in which they are added.</param>
    /// <param name="maximum">The norm to clip to.</param>
    /// <param name="pathOf">Path of a layer, for errors.</param>
    /// <exception cref="NonFiniteGradientException">A norm is NaN or infinite.</exception>
    public static double ScaleOf(IReadOnlyList<double> squares, double maximum, Func<int, string> pathOf)
    {
        var sum = 0.0;
        for (var layer = 0; layer < squares.Count; layer++)
        {
            sum += squares[layer];
            if (!double.IsFinite(sum))
            {
                throw new NonFiniteGradientException(pathOf(layer));
            }
        }

        return Math.Min(1, maximum / (Math.Sqrt(sum) + Epsilon));
    }
}
