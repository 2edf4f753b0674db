using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Operations;

/// <summary>What the tape has summed up before it: every pass hands on what it is given.</summary>
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
