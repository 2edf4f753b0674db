using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Numerics;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Lcnn.Distributed.Model.Modules;

/// <summary>A batch norm that is gamma-Lipschitz in evaluation mode, with a learnable gamma: BN(x) min(1, gamma / steepest slope).</summary>
/// <remarks>
/// Reference models/layers.py:94-103. The steepest slope is the largest |weight| / sqrt(running_var + eps) of all channels, read before a batch updates
/// it. The reference has no affine part; with one its slopes count, and its offsets stay as they are. In training the batch's own variances normalise,
/// so that the bound holds in evaluation alone. Names in the state dict: log_lipschitz and those of BatchNorm2d.
/// </remarks>
public sealed class LipschitzBatchNorm2d : Module<Tensor, Tensor>, ILipschitzNorm
{
    private const string Count = "num_batches_tracked";
    private readonly double _epsilon;
    private readonly double? _momentum;

    /// <summary>Creates a batch norm with fresh statistics: mean 0, variance 1.</summary>
    /// <param name="features">Channels.</param>
    /// <param name="gamma">To begin with, positive.</param>
    /// <param name="affine">Whether every channel has a slope and an offset of its own.</param>
    /// <param name="device">Where parameters lie; the processor if null.</param>
    /// <param name="dtype">Their type; torch's default if null.</param>
    public LipschitzBatchNorm2d(int features, double gamma = LipschitzBatchNorm.InitialGamma, bool affine = false, Device? device = null, ScalarType? dtype = null)
        : this(StockNorms.Of(features, affine, device, dtype), gamma)
    {
    }

    /// <summary>Takes over the numbers of a batch norm that has running statistics.</summary>
    internal LipschitzBatchNorm2d(BatchNorm2d stock, double gamma) : base(nameof(LipschitzBatchNorm2d))
    {
        (_epsilon, _momentum) = (stock.eps, stock.momentum);
        register_parameter("log_lipschitz", Parameters.LogOf(gamma, stock.running_mean!.device, stock.running_mean!.dtype));
        foreach (var (name, parameter) in stock.named_parameters(recurse: false))
        {
            register_parameter(name, Parameters.Of(parameter, parameter.requires_grad));
        }

        foreach (var (name, buffer) in stock.named_buffers(recurse: false))
        {
            // A stock batch norm that is made with a type counts in it, too.
            register_buffer(name, buffer.to(name == Count ? ScalarType.Int64 : buffer.dtype, copy: true).DetachFromDisposeScope());
        }
    }

    /// <summary>log gamma, shape []; optimizers should not decay it: <see cref="Penalties.Gamma"/> does.</summary>
    public Parameter LogLipschitz => get_parameter("log_lipschitz")!;

    /// <summary>Told of every input while a conversion looks on.</summary>
    internal Action<Tensor>? Reached { get; set; }

    /// <summary>Whether the running statistics are more than a beginning.</summary>
    internal bool HasSeenBatches => BatchesTracked.ReadInt64() > 0;

    private Tensor RunningMean => get_buffer("running_mean")!;

    private Tensor RunningVar => get_buffer("running_var")!;

    private Tensor BatchesTracked => get_buffer(Count)!;

    /// <summary>Normalises by the batch in training mode, by the running statistics in evaluation, and takes the gain.</summary>
    /// <param name="input">Shape [batch, features, height, width].</param>
    /// <returns>The same shape.</returns>
    public override Tensor forward(Tensor input)
    {
        Reached?.Invoke(input);
        return new ClippedNorm(RunningMean, RunningVar, BatchesTracked, LogLipschitz, get_parameter("weight"), get_parameter("bias"), _epsilon, _momentum)
            .Apply(input, training);
    }

    /// <summary>Takes running statistics of W x + b to those of W x / sigma + b.</summary>
    internal void Follow(SpectralConv2d conv)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var sigma = conv.Sigma();
        var offset = conv.BiasOrNull is { } bias ? bias.detach() : zeros_like(RunningMean);
        RunningMean.copy_(((RunningMean - offset) / sigma).Plus(offset));
        RunningVar.div_(sigma * sigma);
    }

    /// <summary>Fresh statistics.</summary>
    internal void Forget()
    {
        using var _ = no_grad();
        RunningMean.zero_();
        RunningVar.copy_(ones_like(RunningVar));
        BatchesTracked.zero_();
    }
}
