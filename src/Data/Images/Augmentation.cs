namespace Lcnn.Distributed.Data.Images;

/// <summary>The reference's augmentation of CIFAR: a random crop of the zero-padded image, then a horizontal flip in half the cases.</summary>
public static class Augmentation
{
    /// <summary>Zero pixels added on every side before the crop.</summary>
    public const int Padding = 4;

    /// <summary>Writes the cropped and perhaps flipped image; <paramref name="scaled"/> maps a pixel to its value.</summary>
    public static void RandomCropAndFlip(
        ReadOnlySpan<byte> image_CHW, ReadOnlySpan<float> scaled, int channels, int height, int width, CropAndFlip draw,
        Span<float> destination_CHW)
    {
        destination_CHW.Clear();
        for (var channel = 0; channel < channels; channel++)
        {
            for (var y = 0; y < height; y++)
            {
                var sourceY = y + draw.Top - Padding;
                if ((uint)sourceY >= (uint)height)
                {
                    continue;
                }

                var source_W = image_CHW.Slice(((channel * height) + sourceY) * width, width);
                var target_W = destination_CHW.Slice(((channel * height) + y) * width, width);
                for (var x = 0; x < width; x++)
                {
                    var sourceX = x + draw.Left - Padding;
                    if ((uint)sourceX < (uint)width)
                    {
                        target_W[draw.Flip ? width - 1 - x : x] = scaled[source_W[sourceX]];
                    }
                }
            }
        }
    }
}
