namespace Lcnn.Distributed.Model.Certificates;

/// <summary>What is certain of one image.</summary>
/// <param name="IsCorrect">Whether the network names its label.</param>
/// <param name="Radius">No image within this l2 distance is classified otherwise, 0 where the image itself is wrongly: the larger of both methods, the least over classes.</param>
/// <param name="CurvatureRadius">By curvature alone; 0 where the network has no bound on it.</param>
/// <param name="LipschitzRadius">By the Lipschitz bound alone.</param>
/// <param name="AttackRadius">Within this distance there is an adversarial point for certain, if pixels may take any value; infinite where none is certain.</param>
/// <param name="GradientNorm">Of the cross-entropy.</param>
/// <param name="CurvatureBound">Bound on the curvature ||H|| / ||g|| of the cross-entropy at the image; infinite without one.</param>
public readonly record struct SampleCertificate(
    bool IsCorrect, double Radius, double CurvatureRadius, double LipschitzRadius, double AttackRadius, double GradientNorm, double CurvatureBound);
