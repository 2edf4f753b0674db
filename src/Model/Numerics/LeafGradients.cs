using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Numerics;

/// <summary>Gradients with respect to leaves that the calling thread alone uses, with every error thrown where it can be caught.</summary>
/// <remarks>By backward, as TorchSharp's autograd.grad lets no error of libtorch pass: the process ends. No gradient stays behind in a leaf.</remarks>
internal static class LeafGradients
{
    /// <summary>One gradient a leaf, in their order and the caller's dispose scope.</summary>
    /// <param name="output">Shape [], or any with a slope.</param>
    /// <param name="leaves">Each takes part in the output.</param>
    /// <param name="slope">What the output is multiplied with; 1 if null.</param>
    /// <param name="retainGraph">Whether the graph is needed again.</param>
    /// <param name="createGraph">Whether the gradients are to be differentiated themselves; then the graph must be retained, too.</param>
    /// <exception cref="System.Runtime.InteropServices.ExternalException">libtorch cannot do it.</exception>
    public static Tensor[] Of(Tensor output, IReadOnlyList<Tensor> leaves, Tensor? slope = null, bool retainGraph = false, bool createGraph = false) =>
        Of([output], leaves, slope is null ? null : [slope], retainGraph, createGraph);

    /// <summary>As the other, of the sum of several outputs, each multiplied with its slope.</summary>
    public static Tensor[] Of(IReadOnlyList<Tensor> outputs, IReadOnlyList<Tensor> leaves, IReadOnlyList<Tensor>? slopes, bool retainGraph = false, bool createGraph = false) =>
        [.. OfAny(outputs, leaves, slopes, retainGraph, createGraph).Select(gradient => gradient ?? throw new InvalidOperationException("a leaf takes no part in the output"))];

    /// <summary>As the others, with null for a leaf that takes no part in the outputs.</summary>
    public static Tensor?[] OfAny(IReadOnlyList<Tensor> outputs, IReadOnlyList<Tensor> leaves, IReadOnlyList<Tensor>? slopes, bool retainGraph = false, bool createGraph = false)
    {
        try
        {
            autograd.backward([.. outputs], slopes is null ? null : [.. slopes], retainGraph, createGraph, [.. leaves]);
            return [.. leaves.Select(leaf => leaf.grad)];
        }
        finally
        {
            foreach (var leaf in leaves)
            {
                leaf.grad = null;
            }
        }
    }
}
