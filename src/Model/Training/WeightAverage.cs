using Lcnn.Distributed.Model.Checkpoints;
using Lcnn.Distributed.Model.Kernels;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Training;

/// <summary>The exponential moving average (EMA) of one layer's weights: average += (1 - decay)(weights - average) after every step.</summary>
/// <remarks>
/// As torch.optim.swa_utils.AveragedModel(use_buffers=True): the first step's weights are its start, and batch norms' running statistics are
/// averaged like parameters, as in timm's ModelEmaV2, so that they fit the averaged weights. Counters of batches and the directions u, v of
/// the spectral norm are the layer's own as of the last step: an average of unit vectors is none.
/// </remarks>
/// <param name="state">Holds the average; as fresh as the layer's own state.</param>
/// <param name="decay">Above 0, below 1.</param>
internal sealed class WeightAverage(LayerState state, double decay) : IDisposable
{
    /// <summary>What a tensor's checkpoint key has behind it where its average is meant.</summary>
    public const string Suffix = ".ema";

    /// <summary>Evaluates the average.</summary>
    public LayerOwner Owner { get; } = new(state);

    /// <summary>Takes in the layer as a step left it.</summary>
    /// <param name="layer">The layer's own state.</param>
    /// <param name="step">Number of the step, from 1.</param>
    public void Add(LayerState layer, long step)
    {
        using var _ = no_grad();
        foreach (var (average, now) in NetworkState.Tensors(state).Zip(NetworkState.Tensors(layer), (average, now) => (average.Value, now.Value)))
        {
            if (step > 1 && IsAveraged(layer, now))
            {
                Blend(average, now, 1 - decay);
            }
            else
            {
                average.copy_(now);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Owner.Dispose();

    private static bool IsAveraged(LayerState layer, Tensor t) =>
        layer.Parameters.Any(parameter => ReferenceEquals(parameter.Value, t))
        || (layer.BatchNorm is { } norm && (ReferenceEquals(norm.RunningMean, t) || ReferenceEquals(norm.RunningVar, t)));

    private static void Blend(Tensor average, Tensor now, double share)
    {
        if (WeightSweeps.Take(average, now))
        {
            WeightSweeps.Blend(average, now, share);
            return;
        }

        using var difference = now.PlusScaled(average, -1);
        average.PlusScaledInPlace(difference, share);
    }
}
