using Lcnn.Distributed.Model.Numerics;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Lcnn.Distributed.Model.Kernels;

// Shape suffixes: B batch, C and I input channels, O output channels, H height, W width, K side of the kernel.

/// <summary>Convolution and its transpose; on libtorch's meta device, which has none, one product for every place of the kernel.</summary>
internal static class Convolution
{
    /// <summary>conv(x, W) + b, the same stride and padding both ways, shape [B, O, H', W'], differentiable.</summary>
    /// <param name="groups">Input and output channels are in so many groups, each of which sees its own alone.</param>
    public static Tensor Of(Tensor x_BCHW, Tensor weight_OIKK, Tensor? bias_O, long[] strides, long[] paddings, int groups) => x_BCHW.device_type != DeviceType.META
        ? functional.conv2d(x_BCHW, weight_OIKK, bias_O, strides, paddings, groups: groups)
        : groups == 1 ? Composed(x_BCHW, weight_OIKK, bias_O, strides[0], paddings[0])
        : cat([.. Enumerable.Range(0, groups).Select(group => Composed(
            Part(x_BCHW, 1, group, groups), Part(weight_OIKK, 0, group, groups), bias_O is null ? null : Part(bias_O, 0, group, groups), strides[0], paddings[0]))], 1);

    /// <summary>The transpose of conv(., W) on images of any size.</summary>
    /// <param name="outputPadding">Rows and columns more at the lower and right edge.</param>
    /// <param name="groups">As there.</param>
    public static Tensor Transposed(Tensor u_BOHW, Tensor weight_OIKK, long[] strides, long[] paddings, long[] outputPadding, int groups) => u_BOHW.device_type != DeviceType.META
        ? functional.conv_transpose2d(u_BOHW, weight_OIKK, null, strides, paddings, outputPadding, groups: groups)
        : groups == 1 ? ComposedTranspose(u_BOHW, weight_OIKK, strides[0], paddings[0], outputPadding)
        : cat([.. Enumerable.Range(0, groups).Select(group => ComposedTranspose(
            Part(u_BOHW, 1, group, groups), Part(weight_OIKK, 0, group, groups), strides[0], paddings[0], outputPadding))], 1);

    /// <summary>One of so many equal parts.</summary>
    public static Tensor Part(Tensor whole, long dimension, int part, int parts)
    {
        var size = whole.shape[dimension] / parts;
        return whole.narrow(dimension, part * size, size);
    }

    private static Tensor Composed(Tensor x_BCHW, Tensor weight_OIKK, Tensor? bias_O, long s, long p)
    {
        var k = weight_OIKK.shape[3];
        var padded_BCHW = functional.pad(x_BCHW, [p, p, p, p]);
        var (height, width) = (Steps(padded_BCHW.shape[2], k, s), Steps(padded_BCHW.shape[3], k, s));
        Tensor? sum_BHWO = null;
        for (var place = 0; place < k * k; place++)
        {
            var product_BHWO = Product(Window(padded_BCHW, place / k, place % k, height, width, s), At(weight_OIKK, place / k, place % k).t());
            sum_BHWO = sum_BHWO is null ? product_BHWO : sum_BHWO.Plus(product_BHWO);
        }

        return (bias_O is null ? sum_BHWO! : sum_BHWO!.Plus(bias_O)).permute(0, 3, 1, 2);
    }

    private static Tensor ComposedTranspose(Tensor u_BOHW, Tensor weight_OIKK, long s, long p, long[] outputPadding)
    {
        var k = weight_OIKK.shape[3];
        var (height, width) = (u_BOHW.shape[2], u_BOHW.shape[3]);
        var padded_BIHW = zeros(
            [u_BOHW.shape[0], weight_OIKK.shape[1], ((height - 1) * s) + k + outputPadding[0], ((width - 1) * s) + k + outputPadding[1]], dtype: u_BOHW.dtype, device: u_BOHW.device);
        for (var place = 0; place < k * k; place++)
        {
            var product_BHWI = Product(u_BOHW, At(weight_OIKK, place / k, place % k));
            Window(padded_BIHW, place / k, place % k, height, width, s).PlusInPlace(product_BHWI.permute(0, 3, 1, 2));
        }

        return padded_BIHW.narrow(2, p, padded_BIHW.shape[2] - (2 * p)).narrow(3, p, padded_BIHW.shape[3] - (2 * p));
    }

    private static Tensor Product(Tensor images_BCHW, Tensor weight_CO)
    {
        var s = images_BCHW.shape;
        return images_BCHW.permute(0, 2, 3, 1).reshape(-1, s[1]).mm(weight_CO).view(s[0], s[2], s[3], -1);
    }

    // What one place of the kernel meets.
    private static Tensor Window(Tensor padded_BCHW, long row, long column, long height, long width, long stride) => padded_BCHW
        .slice(2, row, row + ((height - 1) * stride) + 1, stride)
        .slice(3, column, column + ((width - 1) * stride) + 1, stride);

    private static Tensor At(Tensor weight_OIKK, long row, long column) => weight_OIKK.select(3, column).select(2, row);

    private static long Steps(long size, long kernel, long stride) => ((size - kernel) / stride) + 1;
}
