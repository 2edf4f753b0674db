using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Lcnn.Distributed.Model.Operations;

/// <summary>y = s gain xhat with xhat = (x - mean) / sqrt(variance + eps), a channel at a time; what the batch norms have in common.</summary>
/// <remarks>The gain is one number for all channels, or 1 where the layer has none. The scale s is folded into it.</remarks>
/// <param name="gain">s gain, shape [], or null for s alone.</param>
/// <param name="scale">s.</param>
internal abstract class NormOperation(Layer layer, Tensor? gain, double scale) : Operation
{
    /// <summary>s gain for every channel, shape [C], a leaf.</summary>
    protected Tensor? Gain_C { get; private set; }

    protected Layer Layer => layer;

    /// <summary>Makes <see cref="Gain_C"/>.</summary>
    protected void SpreadGain(Tensor like_BCHW)
    {
        var channels = like_BCHW.shape[1];
        // Contiguous: the channels-last kernels read the weight as plain memory whatever its strides.
        var spread = gain?.expand(channels).contiguous() ?? ones(channels, dtype: like_BCHW.dtype, device: like_BCHW.device).TimesInPlace(scale);
        Gain_C = Keep(spread.detach().requires_grad_());
    }

    /// <summary>Adds the gradient of the one gain, from those of its channels.</summary>
    protected void AddGain(ParameterGradients? gradients, Tensor ofGain_C)
    {
        if (gradients is not null && layer.HasGain)
        {
            var sum = ofGain_C.sum();
            gradients.Add(layer, layer.EffectiveShapes.Count - 1, scale == 1 ? sum : sum.TimesInPlace(scale));
        }
    }

    /// <summary>torch's kernel with given means and variances, or with those of x, which it then puts in their place.</summary>
    protected static Tensor Normalize(Tensor x_BCHW, Tensor mean_C, Tensor variance_C, Tensor? gain_C, Tensor? shift_C, bool ofBatch) =>
        functional.batch_norm(x_BCHW, mean_C, variance_C, gain_C, shift_C, ofBatch, TakeAll, LipschitzBatchNorm.Epsilon);

    // momentum 1 makes torch's own running update hand out the batch's mean and unbiased variance at no extra cost.
    private const double TakeAll = 1;
}
