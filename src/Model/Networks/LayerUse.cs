using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Networks;

/// <summary>One use of a layer in a forward pass.</summary>
/// <param name="Layer">Its index.</param>
/// <param name="Leaves">Aliases of its effective parameters that nothing else uses.</param>
internal sealed record LayerUse(int Layer, Tensor[] Leaves);
