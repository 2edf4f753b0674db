namespace Lcnn.Distributed.Model.Evaluation;

/// <summary>What a network says of one image.</summary>
/// <param name="Output">The class, from 0.</param>
/// <param name="Probability">Its share in the softmax, 0..1.</param>
public readonly record struct Prediction(int Output, double Probability);
