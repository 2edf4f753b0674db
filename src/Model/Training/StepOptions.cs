using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Losses;
using Lcnn.Distributed.Model.Optimizers;

namespace Lcnn.Distributed.Model.Training;

/// <summary>What owners are told of one step.</summary>
/// <param name="Optimizer">The rate and the number of the step.</param>
/// <param name="Objective">Brings the weights of the penalties.</param>
/// <param name="Statistics">How the running statistics take up the step's batch.</param>
/// <param name="MaxGradientNorm">The norm that the raw gradients of the whole network, penalties included, are clipped to; null where they are not.</param>
public sealed record StepOptions(
    OptimizerStep Optimizer, Objective Objective, RunningStatistics Statistics = RunningStatistics.Reference, double? MaxGradientNorm = null);
