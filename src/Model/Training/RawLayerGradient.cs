using Lcnn.Distributed.Model.Kernels;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Training;

/// <summary>The gradients of one layer's raw parameters, penalties included, and what its batch norm saw: what is left of a step before its update.</summary>
/// <param name="ofParameters">By checkpoint key, in the order of the layer's parameters; those that do not learn have none.</param>
/// <param name="statistics">Of the whole batch.</param>
internal sealed class RawLayerGradient(IReadOnlyList<KeyValuePair<string, Tensor>> ofParameters, BatchStatistics? statistics) : IDisposable
{
    public IReadOnlyList<KeyValuePair<string, Tensor>> OfParameters { get; } = ofParameters;

    public BatchStatistics? Statistics { get; } = statistics;

    /// <summary>The squared norm of each layer in double precision; one read of a device for all.</summary>
    public static double[] SquaredNorms(IReadOnlyList<RawLayerGradient> layers)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var gradients = layers.SelectMany(layer => layer.OfParameters.Select(entry => entry.Value)).ToList();
        var elsewhere = gradients.Where(gradient => !WeightSweeps.Take(gradient)).Select(SumOfSquares).ToList();
        var read = new Queue<double>(elsewhere.Count == 0 ? [] : stack(elsewhere).ReadDoubles());
        return [.. layers.Select(layer => layer.OfParameters.Sum(entry => WeightSweeps.Take(entry.Value) ? WeightSweeps.SumOfSquares(entry.Value) : read.Dequeue()))];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, gradient) in OfParameters)
        {
            gradient.Dispose();
        }
    }

    private static Tensor SumOfSquares(Tensor gradient)
    {
        var wide = gradient.to(ScalarType.Float64);
        return (wide * wide).sum();
    }
}
