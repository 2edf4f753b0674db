using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Lcnn.Distributed.Model.Operations;

/// <summary>The mean of every window: linear, so that its adjoint pass is itself.</summary>
/// <param name="kernel">Side of the window.</param>
/// <param name="stride">Its step.</param>
internal sealed class MeanPoolOperation(long kernel, long stride) : GraphOperation
{
    /// <inheritdoc/>
    public override Tensor Adjoint(Tensor h)
    {
        using var _ = no_grad();
        return Apply(h);
    }

    /// <inheritdoc/>
    protected override Tensor Apply(Tensor x) => functional.avg_pool2d(x, [kernel, kernel], [stride, stride]);
}
