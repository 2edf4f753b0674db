namespace Lcnn.Distributed.Model.Certificates;

/// <summary>What one use of an activation adds to the bound on the logits' Hessians.</summary>
/// <param name="Path">Of the activation, or of the layer before it where it has none.</param>
/// <param name="Beta">Its sharpness.</param>
/// <param name="Lipschitz">L of its input.</param>
/// <param name="LargestChange">l of its input.</param>
/// <param name="GainAfter">Bound on the gain from its output to the logits, over all ways there.</param>
/// <param name="Curvature">beta / 4 L l times that gain.</param>
/// <param name="Share">The part of the whole, 0..1.</param>
public readonly record struct ActivationShare(string Path, double Beta, double Lipschitz, double LargestChange, double GainAfter, double Curvature, double Share);
