using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Layers;

/// <summary>One learnable tensor under the reference's state-dict key, with what an optimizer keeps of it.</summary>
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
        Decays = decays;
        Learns = learns;
    }

    public string Key { get; }

    public Tensor Value { get; private set; }

    /// <summary>The tensors of the owner's optimizer, each of the value's shape; none where nobody trains.</summary>
    public IReadOnlyList<Tensor> OptimizerState { get; private set; } = [];

    public bool Decays { get; }

    public bool Learns { get; }

    /// <summary>Makes room for an optimizer's tensors, all zeros; once.</summary>
    internal void AddOptimizerState(int count)
    {
        using var value = Value.detach();
        OptimizerState = [.. Enumerable.Range(0, count).Select(_ => zeros_like(value).DetachFromDisposeScope())];
    }

    internal void MoveTo(Device device)
    {
        Value = TensorLayout.InKernelOrder(TensorLayout.Move(Value, device)).requires_grad_(Learns);
        OptimizerState = [.. OptimizerState.Select(state => TensorLayout.InKernelOrder(TensorLayout.Move(state, device)))];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Value.Dispose();
        foreach (var state in OptimizerState)
        {
            state.Dispose();
        }
    }
}
