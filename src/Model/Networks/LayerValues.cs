using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Networks;

/// <summary>What one layer contributes to a forward pass.</summary>
/// <param name="Effective">Effective parameters in the layer's order.</param>
/// <param name="RunningMean">Shape [channels], with <see cref="Normalization.Running"/> only.</param>
/// <param name="RunningVar">Shape [channels], with <see cref="Normalization.Running"/> only.</param>
public sealed record LayerValues(IReadOnlyList<Tensor> Effective, Tensor? RunningMean = null, Tensor? RunningVar = null);
