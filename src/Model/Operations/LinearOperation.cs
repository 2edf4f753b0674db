using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Lcnn.Distributed.Model.Operations;

/// <summary>y = x W' + b.</summary>
/// <param name="weight">Shape [out, in].</param>
/// <param name="bias">Shape [out].</param>
internal sealed class LinearOperation(LinearLayer layer, Tensor weight, Tensor bias) : Operation
{
    private Tensor? _x_BI;
    private Tensor? _g_BO;
    private Tensor? _weightGradient;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        using var _ = no_grad();
        _x_BI = KeepAlias(x);
        return functional.linear(x, weight, bias);
    }

    /// <inheritdoc/>
    public override Tensor BackwardToInput(Tensor g)
    {
        using var _ = no_grad();
        _g_BO = KeepAlias(g);
        return g.mm(weight);
    }

    /// <inheritdoc/>
    public override Tensor Adjoint(Tensor h)
    {
        using var _ = no_grad();
        Replace(ref _weightGradient, _g_BO!.t().mm(h));
        return h.mm(weight.t());
    }

    /// <inheritdoc/>
    public override Tensor Backward(Tensor g, ParameterGradients? gradients)
    {
        using var _ = no_grad();
        if (gradients is not null)
        {
            var ofWeight = g.t().mm(_x_BI!);
            gradients.Add(layer, 0, _weightGradient is null ? ofWeight : ofWeight.PlusInPlace(_weightGradient));
            gradients.Add(layer, 1, g.sum([0L]));
        }

        return g.mm(weight);
    }
}
