using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Layers;

/// <summary>The operator norm of a matrix by the power method, u first, then v, as torch's parametrizations.spectral_norm.</summary>
public sealed class LinearSpectralNorm(Tensor u, Tensor v) : IDisposable
{
    private const double Epsilon = 1e-12;

    /// <summary>Left singular vector, shape [out].</summary>
    public Tensor U { get; private set; } = u;

    /// <summary>Right singular vector, shape [in].</summary>
    public Tensor V { get; private set; } = v;

    /// <summary>Runs power iterations on the current weight.</summary>
    public void Iterate(Tensor weight_OI, int iterations = 1)
    {
        using var _ = no_grad();
        for (var i = 0; i < iterations; i++)
        {
            using var scope = NewDisposeScope();
            U.copy_(Normalize(weight_OI.mv(V)));
            V.copy_(Normalize(weight_OI.t().mv(U)));
        }
    }

    /// <summary>sigma = u' W v, shape [], differentiable in W with u and v constant.</summary>
    public Tensor Sigma(Tensor weight_OI) => (U * weight_OI.mv(V)).sum();

    /// <summary>W / sigma, shape [out, in]: its largest singular value is 1 as far as the power iteration has come.</summary>
    public Tensor Normalized(Tensor weight_OI)
    {
        using var scope = NewDisposeScope();
        return (weight_OI / SpectralScale.Divisor(Sigma(weight_OI), Epsilon)).MoveToOuterDisposeScope();
    }

    internal void MoveTo(Device device) => (U, V) = (TensorLayout.Move(U, device), TensorLayout.Move(V, device));

    /// <inheritdoc/>
    public void Dispose()
    {
        U.Dispose();
        V.Dispose();
    }

    private static Tensor Normalize(Tensor t) => t.div_((t * t).sum().sqrt().AtLeast(Epsilon));
}
