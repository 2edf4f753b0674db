namespace Lcnn.Distributed.Model.Stability;

/// <summary>How steady the gradient of one sample's cross-entropy is under noise.</summary>
/// <param name="RelativeChange">Mean over the draws of ||g(x + e) - g(x)|| / ||g(x)||.</param>
/// <param name="Cosine">Mean cosine of the two gradients.</param>
/// <param name="TopOverlap">Mean share of the pixels with the largest gradients that stay.</param>
/// <param name="MaxSensitivity">The largest relative change among the draws from the cube (Yeh et al. 2019).</param>
public readonly record struct SampleStability(double RelativeChange, double Cosine, double TopOverlap, double MaxSensitivity);
