using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Operations;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Training;

/// <summary>Some samples with their labels, in memory of their own and in kernel layout.</summary>
public sealed class SampleBatch : IDisposable
{
    internal SampleBatch(Tensor images_BCHW, Tensor labels_B, ComputeDevice? device = null)
    {
        var isUpload = device is { IsCpu: false };
        Images = (isUpload ? Upload(images_BCHW, device!) : TensorLayout.ForKernels(images_BCHW)).DetachFromDisposeScope();
        Labels = (isUpload ? Upload(labels_B, device!) : labels_B.clone()).DetachFromDisposeScope();
    }

    public int Count => (int)Labels.shape[0];

    /// <summary>Shape [B, C, H, W], channels-last.</summary>
    internal Tensor Images { get; }

    /// <summary>Where the random numbers of dropout come from; null where nothing is drawn.</summary>
    public SampleDraws? Draws { get; init; }

    /// <summary>Shape [B], int64.</summary>
    internal Tensor Labels { get; }

    /// <summary>Copies samples out of a data set.</summary>
    /// <param name="indices">Which samples, in order.</param>
    /// <param name="device">Where they will be computed on.</param>
    /// <param name="augmentation">Seed and epoch of random crop and flip, or null for none.</param>
    /// <param name="draws">Of dropout, or null.</param>
    public static SampleBatch Gather(
        ILabelledImages data, ReadOnlySpan<int> indices, ComputeDevice device, (long Seed, int Epoch)? augmentation = null, SampleDraws? draws = null)
    {
        using var scope = NewDisposeScope();
        var images = empty(indices.Length, data.Channels, data.Height, data.Width);
        var pixels = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(images.bytes);
        if (augmentation is var (seed, epoch))
        {
            data.GatherAugmented(indices, pixels, seed, epoch);
        }
        else
        {
            data.Gather(indices, pixels);
        }

        var labels = new long[indices.Length];
        data.GatherLabels(indices, labels);
        return new SampleBatch(images, tensor(labels), device) { Draws = draws };
    }

    // From pinned memory, which the device reads while the thread goes on; libtorch keeps it until then.
    private static Tensor Upload(Tensor t, ComputeDevice device)
    {
        using var pinned = device.IsGpu ? t.pin_memory() : t.contiguous();
        return pinned.to(device.ToTorch(), non_blocking: device.IsGpu);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Images.Dispose();
        Labels.Dispose();
    }
}
