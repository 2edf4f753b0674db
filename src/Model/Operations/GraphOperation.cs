using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Operations;

/// <summary>An operation without parameters that is linear wherever it can be differentiated: its passes backward are torch's, its adjoint pass is given.</summary>
internal abstract class GraphOperation : Operation
{
    private Tensor? _x;
    private Tensor? _y;

    /// <summary>y, after the forward pass.</summary>
    protected Tensor Output => _y!.detach();

    /// <summary>The operation, on tensors of a graph.</summary>
    protected abstract Tensor Apply(Tensor x);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        using var _ = enable_grad();
        _x = KeepLeaf(x);
        _y = Keep(Apply(_x));
        return _y.detach();
    }

    /// <inheritdoc/>
    public override Tensor BackwardToInput(Tensor g) => Differentiate(g, retainGraph: true);

    /// <inheritdoc/>
    public override Tensor Backward(Tensor g, ParameterGradients? gradients) => Differentiate(g, retainGraph: gradients is null);

    private Tensor Differentiate(Tensor g, bool retainGraph) => LeafGradients.Of(_y!, [_x!], g, retainGraph)[0];
}
