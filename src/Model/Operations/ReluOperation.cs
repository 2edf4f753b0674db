using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Operations;

/// <summary>y = max(x, 0); its slope at 0 is 0.</summary>
internal sealed class ReluOperation : GraphOperation
{
    private Tensor? _isPositive;

    /// <inheritdoc/>
    public override Tensor Adjoint(Tensor h)
    {
        using var _ = no_grad();
        return h * _isPositive!;
    }

    /// <inheritdoc/>
    public override Tensor BackwardToInput(Tensor g)
    {
        _isPositive ??= Keep(Output.sign());
        return base.BackwardToInput(g);
    }

    /// <inheritdoc/>
    protected override Tensor Apply(Tensor x) => x.Threshold(0, 0);
}
