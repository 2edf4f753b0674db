using TorchSharp;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Kernels;

/// <summary>Sums a channel over images and affine maps of them a channel, which is all that a batch norm computes.</summary>
internal interface IChannelKernels
{
    /// <summary>Those for a tensor's device: one sweep over memory on the processor, libtorch's operations elsewhere.</summary>
    static IChannelKernels For(Tensor t) => t.device_type == DeviceType.CPU ? ChannelSweeps.Instance : ComposedChannels.Instance;

    /// <summary>For every channel the mean, and the sum of squared deviations from it.</summary>
    (double[] Mean, double[] Deviation) Moments(Tensor t_BCHW);

    /// <summary>For every channel the sum of t and, for each factor f with its center c, that of t (f - c).</summary>
    /// <returns>[1 + factors, C] one after the other.</returns>
    double[] Sums(Tensor t_BCHW, params IReadOnlyList<(Tensor Images_BCHW, double[]? Center)> factors);

    /// <summary>The sum of terms, each times a factor a channel, and of a number a channel: fresh, channels-last, the caller's.</summary>
    Tensor Combine(double[] rest, params IReadOnlyList<(Tensor Images_BCHW, double[] Factor)> terms);
}
