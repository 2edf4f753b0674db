using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Model.Certificates;
using Lcnn.Distributed.Model.Evaluation;

namespace Lcnn.Distributed.Grains.Workers;

/// <summary>What the leading rank knows of a network at the end of an epoch.</summary>
/// <param name="Score">On the test set.</param>
/// <param name="Beta">Over its layers.</param>
/// <param name="Gamma">Over its layers.</param>
/// <param name="Bound">Estimated; null where there is no estimate.</param>
internal sealed record EvaluatedNetwork(BatchScore Score, ValueRange? Beta, ValueRange? Gamma, LiveEstimate? Bound)
{
    /// <summary>The score of the weights' moving average; null where none is kept.</summary>
    public BatchScore? Average { get; init; }
}
