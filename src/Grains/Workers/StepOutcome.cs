using Lcnn.Distributed.Model.Training;

namespace Lcnn.Distributed.Grains.Workers;

/// <summary>What a step left behind on one rank.</summary>
/// <param name="Terms">The loss over the global batch before the step; on the leading rank only.</param>
/// <param name="Samples">Samples of the global batch.</param>
/// <param name="Stop">Whether the run ends here, the same on all ranks.</param>
internal sealed record StepOutcome(StepTerms? Terms, int Samples, bool Stop);
