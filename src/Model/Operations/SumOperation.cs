using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Operations;

/// <summary>What the tape has summed up before it, of two values or more: every pass hands on what it is given, in the same memory.</summary>
internal sealed class SumOperation : Operation
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => x.detach();

    /// <inheritdoc/>
    public override Tensor BackwardToInput(Tensor g) => g.detach();

    /// <inheritdoc/>
    public override Tensor Adjoint(Tensor h) => h.detach();

    /// <inheritdoc/>
    public override Tensor Backward(Tensor g, ParameterGradients? gradients) => g.detach();
}
