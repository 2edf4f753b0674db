using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Training;

/// <summary>Some samples with their labels, in memory of their own and in kernel layout.</summary>
public sealed class SampleBatch : IDisposable
{
    internal SampleBatch(Tensor images_BCHW, Tensor labels_B)
    {
        Images = Numerics.TensorLayout.ChannelsLast(images_BCHW).DetachFromDisposeScope();
        Labels = labels_B.clone().DetachFromDisposeScope();
    }

    /// <summary>Number of samples.</summary>
    public int Count => (int)Labels.shape[0];

    /// <summary>Shape [B, C, H, W], channels-last.</summary>
    internal Tensor Images { get; }

    /// <summary>Shape [B], int64.</summary>
    internal Tensor Labels { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Images.Dispose();
        Labels.Dispose();
    }
}
