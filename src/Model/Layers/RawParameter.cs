using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Layers;

/// <summary>One learnable tensor under the reference's state-dict key, with its momentum.</summary>
public sealed class RawParameter : IDisposable
{
    /// <summary>Takes over the value as a leaf of autograd.</summary>
    /// <param name="key">Key in checkpoints.</param>
    /// <param name="value">Initial value, any shape.</param>
    /// <param name="decays">Whether weight decay applies: not to log_beta and log_lipschitz of an LCNN.</param>
    /// <param name="learns">Whether the network's output depends on it; else it only stands in the checkpoint.</param>
    public RawParameter(string key, Tensor value, bool decays, bool learns = true)
    {
        Key = key;
        Value = value.DetachFromDisposeScope().requires_grad_(learns);
        Momentum = zeros_like(value).DetachFromDisposeScope();
        Decays = decays;
        Learns = learns;
    }

    public string Key { get; }

    public Tensor Value { get; private set; }

    public Tensor Momentum { get; private set; }

    public bool Decays { get; }

    public bool Learns { get; }

    internal void MoveTo(Device device)
    {
        Value = TensorLayout.InKernelOrder(TensorLayout.Move(Value, device)).requires_grad_(Learns);
        Momentum = TensorLayout.InKernelOrder(TensorLayout.Move(Momentum, device));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Value.Dispose();
        Momentum.Dispose();
    }
}
