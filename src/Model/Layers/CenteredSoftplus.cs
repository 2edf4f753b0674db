using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Layers;

/// <summary>Softplus through the origin, (softplus(b x) - ln 2) / b, with a learnable sharpness b.</summary>
/// <remarks>
/// Paper eq. (3), reference models/psoftplus.py. One fused kernel forward; backward needs one sigmoid and two dot products, because
/// dL/db = (&lt;dx, x&gt; - &lt;g, y&gt;) / b. When the backward pass is itself recorded it is written in differentiable operations.
/// </remarks>
public static class CenteredSoftplus
{
    /// <summary>Above b x = 20 the function is linear, as torch's softplus.</summary>
    public const double Threshold = 20;

    /// <summary>Added to exp(log_beta), psoftplus.py:23.</summary>
    public const double Epsilon = 1e-3;

    private static readonly double _ln2 = Math.Log(2);

    /// <summary>Applies the activation; the result has the shape of <paramref name="x"/>.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="beta">Effective sharpness, exp(log_beta) + 1e-3, shape [].</param>
    public static Tensor Forward(Tensor x, Tensor beta) =>
        beta.requires_grad ? Differentiable.apply(x, beta) : Activate(x, beta.ReadDouble());

    // Differentiable twice with respect to x by torch's own kernels.
    private static Tensor Activate(Tensor x, double beta) =>
        x.Softplus(beta, Threshold).MinusInPlace(_ln2 / beta);

    private sealed class Differentiable : autograd.SingleTensorFunction<Differentiable>
    {
        private const string FaultKey = "fault";
        private static readonly List<Tensor> _none = [null!, null!]; // undefined for libtorch, which goes no further with it

        public override string Name => nameof(CenteredSoftplus);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var x = (Tensor)vars[0];
            var beta = (Tensor)vars[1];
            var y = Activate(x, beta.ReadDouble());
            // Saved detached: the node must not own the variable that owns the node.
            ctx.save_for_backward([x, beta, y.detach()]);
            ctx.save_data(FaultKey, BackwardFault.OfThread);
            ctx.set_materialize_grads(false);
            return y;
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
        {
            if (grad_output.IsInvalid)
            {
                return _none; // a function after it in the graph has failed
            }

            try
            {
                return Differentiate(ctx, grad_output);
            }
            catch (Exception exception)
            {
                ((BackwardFault)ctx.get_data(FaultKey)).Keep(exception);
                return _none;
            }
        }

        private static List<Tensor> Differentiate(autograd.AutogradContext ctx, Tensor grad_output)
        {
            using var scope = NewDisposeScope();
            var saved = ctx.get_saved_variables();
            var (x, beta, y) = (saved[0], saved[1], saved[2]);
            var (dx, dbeta) = is_grad_enabled()
                ? RecordedBackward(grad_output, x, beta)
                : PlainBackward(grad_output, x, beta, y);
            return [dx.MoveToOuterDisposeScope(), dbeta.MoveToOuterDisposeScope()];
        }

        private static (Tensor, Tensor) PlainBackward(Tensor g, Tensor x, Tensor beta, Tensor y)
        {
            var dx = Slope(x * beta).mul_(g);
            return (dx, (Dot(dx, x) - Dot(g, y)) / beta);
        }

        private static (Tensor, Tensor) RecordedBackward(Tensor g, Tensor x, Tensor beta)
        {
            var y = (x * beta).Softplus(1, Threshold).Plus(-_ln2) / beta;
            var dx = g * Slope(x * beta);
            return (dx, ((dx * x).sum() - (g * y).sum()) / beta);
        }

        // Exactly 1 above the threshold, as torch's softplus; in 32 bits the sigmoid is that already.
        private static Tensor Slope(Tensor scaled) =>
            scaled.dtype == ScalarType.Float64 ? where(scaled.IsAbove(Threshold), ones_like(scaled), scaled.sigmoid())
            : is_grad_enabled() ? scaled.sigmoid()
            : scaled.sigmoid_();

        // A dot product of any order of elements, the same in both factors: channels-last stays uncopied.
        private static Tensor Dot(Tensor left, Tensor right) =>
            left.ndim == 4 && !left.is_contiguous()
                ? left.permute(0, 2, 3, 1).reshape(-1).dot(right.permute(0, 2, 3, 1).reshape(-1))
                : left.reshape(-1).dot(right.reshape(-1));
    }
}
