using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Losses;

namespace Lcnn.Distributed.Model.Training;

/// <summary>SGD with momentum, no Nesterov, no dampening (train_models.py:205-214).</summary>
/// <param name="WeightDecay">For every parameter but beta and gamma.</param>
/// <param name="Objective">Brings the weights of the penalties.</param>
/// <param name="Statistics">How the running statistics take up the step's batch.</param>
public sealed record SgdOptions(
    double LearningRate, double Momentum, double WeightDecay, Objective Objective, RunningStatistics Statistics = RunningStatistics.Reference);
