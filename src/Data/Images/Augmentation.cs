namespace Lcnn.Distributed.Data.Images;

/// <summary>The reference's augmentation of CIFAR: a random crop of the padded image, then a horizontal flip in half the cases.</summary>
public static class Augmentation
{
    /// <summary>Black pixels added on every side before the crop.</summary>
    public const int Padding = 4;

    /// <summary>Writes the cropped and perhaps flipped image; <paramref name="black_C"/> is what the padding holds in each channel.</summary>
    public static void RandomCropAndFlip(
        ReadOnlySpan<float> image_CHW, ReadOnlySpan<float> black_C, int height, int width, CropAndFlip draw, Span<float> destination_CHW)
    {
        for (var channel = 0; channel < black_C.Length; channel++)
        {
            destination_CHW.Slice(channel * height * width, height * width).Fill(black_C[channel]);
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
                        target_W[draw.Flip ? width - 1 - x : x] = source_W[sourceX];
                    }
                }
            }
        }
    }
}
