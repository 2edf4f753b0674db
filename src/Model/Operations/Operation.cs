using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Operations;

/// <summary>One operation y = f(x) of a network on the samples of one shard, with its four passes written out.</summary>
/// <remarks>
/// A step with the gradient-norm term c ||dL/dx||^2 needs the derivative of a derivative. With g the slope of y in the plain backward pass and
/// h the slope of that pass's result, the passes are, in this order: <see cref="Forward"/>, x to y; <see cref="BackwardToInput"/>, g to J'g;
/// <see cref="Adjoint"/>, h to Jh; <see cref="Backward"/>, the slope of y in everything to that of x, with what h and g give to x and to the
/// parameters. Without such a term only the first and the last are made. An instance is of one shard and is used by one thread at a time; it
/// keeps what later passes need. Results are fresh tensors, the caller's, who may write into slopes; arguments stay the caller's. What is made in
/// a pass and neither returned nor kept (<see cref="Keep"/>) is disposed after it. No pass but the forward one may be asked for.
/// </remarks>
public abstract class Operation : IDisposable
{
    private readonly List<Tensor> _kept = [];

    /// <summary>y.</summary>
    /// <param name="x">Shape of the operation's input.</param>
    public abstract Tensor Forward(Tensor x);

    /// <summary>J'g, no parameter's gradient.</summary>
    /// <param name="g">Shape of y.</param>
    public abstract Tensor BackwardToInput(Tensor g);

    /// <summary>J h, after <see cref="BackwardToInput"/>; may be made again with another h.</summary>
    /// <param name="h">Shape of x.</param>
    public abstract Tensor Adjoint(Tensor h);

    /// <summary>J'g and what the adjoint pass gives to x, if there was one.</summary>
    /// <param name="g">Shape of y.</param>
    /// <param name="gradients">Takes the gradients of the parameters, or null where nobody wants them.</param>
    /// <returns>Null where the input's slope was not asked for.</returns>
    public abstract Tensor? Backward(Tensor g, ParameterGradients? gradients);

    /// <summary>Gives back what was kept.</summary>
    public virtual void Dispose()
    {
        foreach (var tensor in _kept)
        {
            tensor.Dispose();
        }

        _kept.Clear();
        GC.SuppressFinalize(this);
    }

    /// <summary>Holds a tensor until the operation is disposed.</summary>
    protected Tensor Keep(Tensor tensor)
    {
        _kept.Add(tensor.DetachFromDisposeScope());
        return tensor;
    }

    /// <summary>Holds the same memory under a handle of its own.</summary>
    protected Tensor KeepAlias(Tensor tensor) => Keep(tensor.detach());

    /// <summary>Holds the same memory as a leaf of a graph.</summary>
    protected Tensor KeepLeaf(Tensor tensor) => Keep(tensor.detach().requires_grad_());

    /// <summary>Holds a tensor in the place of one held before.</summary>
    protected void Replace(ref Tensor? held, Tensor tensor)
    {
        if (held is not null)
        {
            Release(held);
        }

        held = Keep(tensor);
    }

    /// <summary>Gives back one of those held.</summary>
    protected void Release(Tensor held)
    {
        _kept.Remove(held);
        held.Dispose();
    }
}
