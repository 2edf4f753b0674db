namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>How steady the gradients of the first test samples are under noise.</summary>
/// <param name="Samples">How many.</param>
/// <param name="Draws">Of noise for each.</param>
/// <param name="Seed">Of the noise.</param>
/// <param name="At">For each norm of the noise.</param>
[GenerateSerializer, Immutable, Alias("lcnn.NoiseFigures")]
public sealed record NoiseFigures([property: Id(0)] int Samples, [property: Id(1)] int Draws, [property: Id(2)] long Seed, [property: Id(3)] IReadOnlyList<SteadinessAt> At);

/// <summary>How steady gradients are under noise of a norm; means over the samples whose gradient is not nothing.</summary>
/// <param name="NoiseNorm">l2, in units of what the network is given.</param>
/// <param name="RelativeChange">Mean of ||g(x + e) - g(x)|| / ||g(x)||, the relative gradient robustness.</param>
/// <param name="MedianChange">Its median.</param>
/// <param name="NinthDecile">What nine of ten samples do not exceed.</param>
/// <param name="Cosine">Of the two gradients.</param>
/// <param name="TopOverlap">Share of the tenth of the pixels with the largest gradients that stays.</param>
/// <param name="MaxSensitivity">Largest relative change under noise in the cube of half side 0.02.</param>
/// <param name="CertifiedChange">Mean of what no relative change exceeds, M ||e|| / ||g(x)|| with the certified bound M on the loss' Hessian; NaN where radii are not certified.</param>
/// <param name="CurvatureEstimate">Mean of exp(C(x) ||e||) - 1 with the curvature C measured at x (paper, proposition 1): no bound, as that curvature is a lower estimate and holds at x alone; NaN where it is not measured.</param>
[GenerateSerializer, Immutable, Alias("lcnn.SteadinessAt")]
public sealed record SteadinessAt(
    [property: Id(0)] double NoiseNorm, [property: Id(1)] double RelativeChange, [property: Id(2)] double MedianChange, [property: Id(3)] double NinthDecile,
    [property: Id(4)] double Cosine, [property: Id(5)] double TopOverlap, [property: Id(6)] double MaxSensitivity, [property: Id(7)] double CertifiedChange,
    [property: Id(8)] double CurvatureEstimate);
