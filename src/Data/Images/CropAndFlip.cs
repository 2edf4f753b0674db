using Lcnn.Distributed.Data.Randomness;

namespace Lcnn.Distributed.Data.Images;

/// <summary>One draw of the augmentation: where the crop starts in the padded image, and whether it is mirrored.</summary>
public readonly record struct CropAndFlip(int Top, int Left, bool Flip)
{
    /// <summary>The draw of one sample in one epoch; it follows from the three numbers alone.</summary>
    public static CropAndFlip Draw(long seed, int epoch, int sample)
    {
        var source = RandomSource.For(seed, RandomPurpose.Augmentation, epoch, sample);
        const int Positions = (2 * Augmentation.Padding) + 1;
        return new CropAndFlip(source.NextInt(Positions), source.NextInt(Positions), source.NextDouble() < 0.5);
    }
}
