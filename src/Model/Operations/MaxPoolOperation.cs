using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Lcnn.Distributed.Model.Operations;

/// <summary>The largest number of every window; the first of equals has the slope.</summary>
/// <param name="kernel">Side of the window.</param>
/// <param name="stride">Its step.</param>
/// <param name="padding">Places on every side that are never the largest.</param>
internal sealed class MaxPoolOperation(long kernel, long stride, long padding) : GraphOperation
{
    private Tensor? _places_BCHW;

    /// <inheritdoc/>
    public override Tensor Adjoint(Tensor h)
    {
        using var _ = no_grad();
        return h.flatten(2).gather(2, _places_BCHW!.flatten(2)).view(_places_BCHW.shape);
    }

    /// <inheritdoc/>
    protected override Tensor Apply(Tensor x)
    {
        var (y_BCHW, places_BCHW) = functional.max_pool2d_with_indices(x, [kernel, kernel], [stride, stride], [padding, padding]);
        _places_BCHW = Keep(places_BCHW);
        return y_BCHW;
    }
}
