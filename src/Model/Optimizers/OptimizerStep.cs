namespace Lcnn.Distributed.Model.Optimizers;

/// <summary>What an optimizer is told of one step.</summary>
/// <param name="LearningRate">Of this step.</param>
/// <param name="Number">From 1.</param>
/// <param name="GradientScale">What every gradient is multiplied by first, at most 1: less where their norm is clipped.</param>
public readonly record struct OptimizerStep(double LearningRate, long Number, double GradientScale = 1);
