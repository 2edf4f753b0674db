using Lcnn.Distributed.Model.Layers;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Optimizers;

/// <summary>One of torch.optim's optimizers: what it keeps of every parameter, and how it takes a step.</summary>
/// <remarks>It holds no tensors and may be shared. Beta and gamma have no weight decay, all other parameters do (train_models.py:205-214), whatever the optimizer.</remarks>
public abstract class Optimizer
{
    /// <summary>What it keeps of each parameter, tensors of its shape that begin as zeros: each by what its checkpoint key adds to the parameter's.</summary>
    public abstract IReadOnlyList<string> StateSuffixes { get; }

    /// <summary>Takes one step, in place; may use up the gradient.</summary>
    /// <param name="parameter">With the state of this optimizer.</param>
    /// <param name="gradient">Of the loss with its penalties, weight decay left out; the parameter's shape.</param>
    /// <param name="step">Which step, and how large.</param>
    internal abstract void Update(RawParameter parameter, Tensor gradient, OptimizerStep step);
}
