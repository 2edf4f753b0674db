namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>What is certain of a network and of the first test samples.</summary>
/// <param name="Covers">What is certified, for readers.</param>
/// <param name="Samples">How many images.</param>
/// <param name="Lipschitz">Bound on the Lipschitz constant of the logits, l2, in units of what the network is given.</param>
/// <param name="LogitHessian">Bound on the Hessian of every logit; infinite without one.</param>
/// <param name="LossHessian">Bound on the Hessian of the cross-entropy.</param>
/// <param name="LossGradient">Bound on the gradient of the cross-entropy.</param>
/// <param name="Obstacle">Why there is no bound on Hessians; null where there is one.</param>
/// <param name="Loosest">The activations that add most to it, the most first.</param>
/// <param name="MedianRadius">Of all samples in units of pixels, l2; 0 where a sample is classified wrongly.</param>
/// <param name="LargestRadius">The same.</param>
/// <param name="ByCurvature">Samples whose radius by curvature is larger than that by the Lipschitz bound.</param>
/// <param name="At">Share of samples that are classified rightly within each epsilon for certain.</param>
[GenerateSerializer, Immutable, Alias("lcnn.CertificateFigures")]
public sealed record CertificateFigures(
    [property: Id(0)] string Covers, [property: Id(1)] int Samples, [property: Id(2)] double Lipschitz, [property: Id(3)] double LogitHessian,
    [property: Id(4)] double LossHessian, [property: Id(5)] double LossGradient, [property: Id(6)] string? Obstacle, [property: Id(7)] IReadOnlyList<LayerShare> Loosest,
    [property: Id(8)] double MedianRadius, [property: Id(9)] double LargestRadius, [property: Id(10)] int ByCurvature, [property: Id(11)] IReadOnlyList<CertifiedAccuracy> At);

/// <summary>What one use of an activation adds to the bound on the logits' Hessians.</summary>
/// <param name="Path">Of the activation, or of the layer before it where it has none.</param>
/// <param name="Beta">Its sharpness.</param>
/// <param name="Lipschitz">L of its input.</param>
/// <param name="LargestChange">l of its input.</param>
/// <param name="GainAfter">Bound on the gain from its output to the logits, over all ways there.</param>
/// <param name="Curvature">beta / 4 L l times that gain.</param>
/// <param name="Share">The part of the whole, 0..1.</param>
[GenerateSerializer, Immutable, Alias("lcnn.LayerShare")]
public sealed record LayerShare(
    [property: Id(0)] string Path, [property: Id(1)] double Beta, [property: Id(2)] double Lipschitz, [property: Id(3)] double LargestChange,
    [property: Id(4)] double GainAfter, [property: Id(5)] double Curvature, [property: Id(6)] double Share);

/// <summary>The share of images that are classified rightly within a distance for certain.</summary>
/// <param name="Epsilon">l2 distance, in units of pixels.</param>
/// <param name="Accuracy">0..1.</param>
[GenerateSerializer, Immutable, Alias("lcnn.CertifiedAccuracy")]
public sealed record CertifiedAccuracy([property: Id(0)] double Epsilon, [property: Id(1)] double Accuracy);
