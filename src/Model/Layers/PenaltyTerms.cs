namespace Lcnn.Distributed.Model.Layers;

/// <summary>A layer's share of the unweighted beta and gamma terms (regularized_loss.py:199-214), with its beta or gamma itself.</summary>
/// <param name="BetaTerm">exp(log_beta), once per use of the activation.</param>
/// <param name="GammaTerm">|log gamma|.</param>
/// <param name="Beta">Effective beta of the layer; null when it has none.</param>
/// <param name="Gamma">gamma of the layer; null when it has none.</param>
public readonly record struct PenaltyTerms(double BetaTerm, double GammaTerm, double? Beta, double? Gamma);
