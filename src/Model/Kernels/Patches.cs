using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Lcnn.Distributed.Model.Kernels;

// Shape suffixes: B batch, I input channels, H height, W width, h w those of the output, K side of the kernel.

/// <summary>Images as a matrix with a row for every place of a convolution's output: what the kernel meets there. The convolution then is a matrix product.</summary>
/// <param name="kernel">K.</param>
/// <param name="stride">The same both ways.</param>
/// <param name="padding">Zeros on every side.</param>
internal readonly struct Patches(long kernel, long stride, long padding)
{
    /// <summary>A weight as one row for every output channel, shape [O, K K I]: the same memory where that is channels-last.</summary>
    public static Tensor Rows(Tensor weight_OIKK) => weight_OIKK.permute(0, 2, 3, 1).reshape(weight_OIKK.shape[0], -1);

    /// <summary>The weight of such rows, channels-last in their memory.</summary>
    /// <param name="shape">[O, I, K, K].</param>
    public static Tensor Weight(Tensor rows, long[] shape) => rows.view(shape[0], shape[2], shape[3], shape[1]).permute(0, 3, 1, 2);

    /// <summary>Shape [B h w, K K I], in the order of a channels-last weight; fresh memory.</summary>
    public Tensor Of(Tensor x_BIHW)
    {
        using var scope = NewDisposeScope();
        var padded_BIHW = padding == 0 ? x_BIHW : functional.pad(x_BIHW, [padding, padding, padding, padding]);
        var windows_BIhwKK = padded_BIHW.unfold(2, kernel, stride).unfold(3, kernel, stride);
        var patches = windows_BIhwKK.permute(0, 2, 3, 4, 5, 1).reshape(-1, kernel * kernel * x_BIHW.shape[1]);
        return patches.MoveToOuterDisposeScope();
    }

    /// <summary>The transpose: every number added to the pixel that it came from; fresh, channels-last.</summary>
    /// <param name="patches">Shape [B h w, K K I].</param>
    /// <param name="shape">Of the images.</param>
    /// <param name="height">h.</param>
    /// <param name="width">w.</param>
    public Tensor Sum(Tensor patches, long[] shape, long height, long width)
    {
        using var scope = NewDisposeScope();
        var patches_BhwKKI = patches.view(shape[0], height, width, kernel, kernel, shape[1]);
        var padded_BHWI = zeros([shape[0], shape[2] + (2 * padding), shape[3] + (2 * padding), shape[1]], dtype: patches.dtype, device: patches.device);
        for (var place = 0; place < kernel * kernel; place++)
        {
            var (row, column) = (place / kernel, place % kernel);
            padded_BHWI
                .slice(1, row, row + ((height - 1) * stride) + 1, stride)
                .slice(2, column, column + ((width - 1) * stride) + 1, stride)
                .PlusInPlace(patches_BhwKKI.select(3, row).select(3, column));
        }

        var images_BHWI = padding == 0 ? padded_BHWI : padded_BHWI.slice(1, padding, padding + shape[2], 1).slice(2, padding, padding + shape[3], 1).contiguous();
        return images_BHWI.permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }
}
