namespace Lcnn.Distributed.Model.Certificates;

/// <summary>What the owner of a layer holds of it at any time, at no cost.</summary>
/// <param name="Sigma">Norm of the weight that is used: 1 where it is divided by its own, for a convolution or linear.</param>
/// <param name="Slope">Steepest slope of its batch norm with the gain, min(1 / scale, gamma); 1 without a batch norm.</param>
/// <param name="Beta">Sharpness, for an activation.</param>
public readonly record struct LayerFigures(double Sigma, double Slope, double? Beta);
