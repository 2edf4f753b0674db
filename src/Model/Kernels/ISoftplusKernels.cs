using TorchSharp;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Kernels;

/// <summary>The passes back through a softplus with sharpness b: products with its slope s = sigmoid(b x), and sums for the gradient of b.</summary>
internal interface ISoftplusKernels
{
    /// <summary>Above b x = 20 the function is linear and s exactly 1, as torch has it.</summary>
    const double Threshold = 20;

    /// <summary>Those for a tensor's device: one sweep over memory a pass on the processor, libtorch's operations elsewhere.</summary>
    static ISoftplusKernels For(Tensor t) => t.device_type == DeviceType.CPU ? SoftplusSweeps.Instance : ComposedSoftplus.Instance;

    /// <summary>s and g s: fresh, the caller's.</summary>
    (Tensor Slope, Tensor Result) BackwardToInput(Tensor x, Tensor g, double beta);

    /// <summary>h s, t = h gs (1 - s) and &lt;t, x&gt;: fresh, the caller's.</summary>
    /// <param name="gs">What the pass before gave.</param>
    /// <param name="s">The same.</param>
    (Tensor Result, Tensor Second, Tensor Sum) Adjoint(Tensor h, Tensor gs, Tensor s, Tensor x);

    /// <summary>g s + b t, and &lt;g s, x&gt; - &lt;g, y&gt;: fresh, the caller's.</summary>
    /// <param name="y">Null where the sum is not wanted: then it is null too.</param>
    /// <param name="passes">s and t where the two other passes were made.</param>
    (Tensor Result, Tensor? Sum) Backward(Tensor x, Tensor? y, Tensor g, (Tensor Slope, Tensor Second)? passes, double beta);
}
