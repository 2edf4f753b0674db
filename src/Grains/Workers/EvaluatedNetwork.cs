using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Model.Certificates;
using Lcnn.Distributed.Model.Evaluation;

namespace Lcnn.Distributed.Grains.Workers;

/// <summary>What the leading rank knows of a network at the end of an epoch.</summary>
/// <param name="Score">On the test set.</param>
/// <param name="Layers">Those with a beta or a gamma.</param>
/// <param name="Bound">Estimated; null where there is no estimate.</param>
internal sealed record EvaluatedNetwork(BatchScore Score, IReadOnlyList<LayerSharpness> Layers, LiveEstimate? Bound)
{
    /// <summary>Over the layers; null where none has one.</summary>
    public ValueRange? Beta => RangeOf(layer => layer.Beta);

    /// <summary>The same.</summary>
    public ValueRange? Gamma => RangeOf(layer => layer.Gamma);

    /// <summary>The score of the weights' moving average; null where none is kept.</summary>
    public BatchScore? Average { get; init; }

    private ValueRange? RangeOf(Func<LayerSharpness, double?> value)
    {
        var values = Layers.Select(value).OfType<double>().ToList();
        return values.Count == 0 ? null : new ValueRange(values.Min(), values.Max());
    }
}
