using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Layers;

/// <summary>The raw state of one layer, held by its owner alone: parameters with what an optimizer keeps of them, and buffers.</summary>
/// <remarks>
/// <see cref="Iterate"/> and <see cref="Parametrize"/> are the raw -> effective map of promise P3; being written in differentiable
/// operations, the same map serves the reference's raw form and, by a vector-Jacobian product, the chain rule of the owner.
/// </remarks>
public abstract class LayerState : IDisposable
{
    /// <summary>The layer this is the state of.</summary>
    public abstract Layer Layer { get; }

    /// <summary>Learnable tensors.</summary>
    public abstract IReadOnlyList<RawParameter> Parameters { get; }

    /// <summary>Other persistent tensors, by checkpoint key.</summary>
    public abstract IReadOnlyList<KeyValuePair<string, Tensor>> Buffers { get; }

    /// <summary>Tensors from above under further checkpoint keys, where the network uses the layer more than once.</summary>
    public virtual IReadOnlyList<KeyValuePair<string, Tensor>> Aliases => [];

    /// <summary>Running statistics, if the layer has a batch norm.</summary>
    public virtual LipschitzBatchNorm? BatchNorm => null;

    /// <summary>The raw number, shape [], whose penalty the layer pays; null where it pays none.</summary>
    public virtual RawParameter? Penalized => null;

    /// <summary>The layer's share of the penalties, unweighted.</summary>
    /// <param name="raw">Value of <see cref="Penalized"/>.</param>
    public virtual PenaltyTerms PenaltyOf(double raw) => default;

    /// <summary>Runs power iterations of the spectral norm, if the layer has one.</summary>
    public virtual void Iterate(int iterations = 1)
    {
    }

    /// <summary>The effective parameters as differentiable functions of the raw ones, with u, v and running statistics constant.</summary>
    public abstract Tensor[] Parametrize();

    /// <summary>One power iteration, then what <see cref="Parametrize"/> gives, for <see cref="ChainRule"/> alone: a step's prepare.</summary>
    public virtual Tensor[] IterateAndParametrize()
    {
        Iterate();
        return Parametrize();
    }

    /// <summary>Derivative of (betaWeight * beta term + gammaWeight * gamma term) for one parameter, or null where it is zero.</summary>
    public virtual Tensor? PenaltyGradient(RawParameter parameter, double betaWeight, double gammaWeight) => null;

    /// <summary>Gradients of the raw parameters from those of the effective ones, which it may use up; null where a parameter does not learn.</summary>
    /// <param name="parametrized">What <see cref="IterateAndParametrize"/> or <see cref="Parametrize"/> returned last.</param>
    /// <param name="effectiveGradients">Same shapes as the effective parameters.</param>
    public virtual Tensor?[] ChainRule(IReadOnlyList<Tensor> parametrized, IReadOnlyList<Tensor> effectiveGradients)
    {
        var learning = Parameters.Where(parameter => parameter.Learns).ToList();
        var gradients = LeafGradients.Of(parametrized, [.. learning.Select(parameter => parameter.Value)], effectiveGradients);
        return [.. Parameters.Select(parameter => parameter.Learns ? gradients[learning.IndexOf(parameter)] : null)];
    }

    /// <summary>This state, taken to a device.</summary>
    internal LayerState On(ComputeDevice device)
    {
        if (!device.IsCpu)
        {
            MoveTo(device.ToTorch());
        }

        return this;
    }

    /// <summary>Takes parameters with what an optimizer keeps of them, and buffers, to another device.</summary>
    internal virtual void MoveTo(Device device)
    {
        foreach (var parameter in Parameters)
        {
            parameter.MoveTo(device);
        }

        BatchNorm?.MoveTo(device);
    }

    /// <inheritdoc/>
    public virtual void Dispose()
    {
        foreach (var parameter in Parameters)
        {
            parameter.Dispose();
        }

        foreach (var (_, buffer) in Buffers)
        {
            buffer.Dispose();
        }

        GC.SuppressFinalize(this);
    }
}
