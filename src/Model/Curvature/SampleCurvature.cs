namespace Lcnn.Distributed.Model.Curvature;

/// <summary>The curvature of the loss around one sample, as a function of its pixels.</summary>
/// <param name="Curvature">||Hu|| / (||g|| + 1e-6): normalised curvature (paper eq. 1).</param>
/// <param name="HessianNorm">||Hu|| after the power iterations: a lower estimate of the Hessian's spectral norm.</param>
/// <param name="GradientNorm">||g||.</param>
/// <param name="RayleighHessianNorm">|u'Hu|, the reference's estimate; near 0 where the extreme eigenvalues cancel.</param>
/// <param name="RayleighCurvature">|u'Hu| / (||g|| + 1e-6), the reference's curvature.</param>
public readonly record struct SampleCurvature(
    double Curvature, double HessianNorm, double GradientNorm, double RayleighHessianNorm, double RayleighCurvature);
