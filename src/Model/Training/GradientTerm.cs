using Lcnn.Distributed.Model.Losses;
using Lcnn.Distributed.Model.Native;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Operations;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Training;

/// <summary>A term on the gradient of the mean cross-entropy by the images, as one shard has it.</summary>
internal abstract class GradientTerm : IDisposable
{
    private readonly List<IDisposable> _kept = [];

    /// <summary>Unweighted, shape []; after <see cref="Passes"/>.</summary>
    public Tensor Value { get; private set; } = null!;

    /// <summary>The weighted term's slope by dL/dx, shape [B, C, H, W]; after <see cref="Passes"/>.</summary>
    public Tensor Slope { get; private set; } = null!;

    /// <summary>What it takes to know the term, with its halts.</summary>
    /// <param name="gradient_BCHW">dL/dx, with L the mean over the global batch.</param>
    public abstract IEnumerable<NormShare[]> Passes(Tensor gradient_BCHW);

    /// <summary>What the term gives to the parameters beside the slope that goes through the shard's own tape.</summary>
    public virtual IEnumerable<NormShare[]> Backward(ParameterGradients gradients) => [];

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var kept in _kept)
        {
            kept.Dispose();
        }
    }

    /// <summary>factor ||d||^2 and its slope by d.</summary>
    protected void Square(Tensor d_BCHW, double factor, double weight)
    {
        Value = Of(() => (d_BCHW * d_BCHW).sum().Times(factor));
        Slope = Of(() => d_BCHW.Times(2 * factor * weight));
    }

    /// <summary>Computes something and holds it as long as the term.</summary>
    protected Tensor Of(Func<Tensor> compute) => Keep(LibtorchException.In("the loss", () =>
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        return compute().DetachFromDisposeScope();
    }));

    /// <summary>Holds something as long as the term.</summary>
    protected T Keep<T>(T what)
        where T : IDisposable
    {
        _kept.Add(what);
        return what;
    }
}

/// <summary>1e5 ||dL/dx||^2 / B (regularized_loss.py:40-50).</summary>
internal sealed class GradientNormTerm(Objective objective, int globalBatchCount) : GradientTerm
{
    public override IEnumerable<NormShare[]> Passes(Tensor gradient_BCHW)
    {
        Square(gradient_BCHW, Objective.GradientNormFactor / globalBatchCount, objective.GradientNormWeight);
        return [];
    }
}
