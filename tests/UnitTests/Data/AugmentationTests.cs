using Lcnn.Distributed.Data.Images;

namespace Lcnn.Distributed.UnitTests.Data;

public sealed class AugmentationTests
{
    private static readonly ImageData _images = new(
        SmallFiles.Noise(8 * SmallFiles.CifarPixels, seed: 1), [0, 1, 2, 3, 4, 5, 6, 7], 3, 32, 32, 10, 255);

    [Fact]
    public void GatherAugmented_SameSeedEpochAndSample_IsTheSameWhateverTheBatch()
    {
        var together = new float[8 * SmallFiles.CifarPixels];
        var alone = new float[SmallFiles.CifarPixels];
        _images.GatherAugmented([7, 6, 5, 4, 3, 2, 1, 0], together, seed: 5, epoch: 2);

        for (var sample = 0; sample < 8; sample++)
        {
            _images.GatherAugmented([sample], alone, seed: 5, epoch: 2);

            Assert.Equal(alone, together.AsSpan((7 - sample) * SmallFiles.CifarPixels, SmallFiles.CifarPixels).ToArray());
        }
    }

    [Fact]
    public void GatherAugmented_OtherEpochOrSeed_Differs()
    {
        int[] all = [0, 1, 2, 3, 4, 5, 6, 7];
        var (first, otherEpoch, otherSeed) = (new float[8 * 3072], new float[8 * 3072], new float[8 * 3072]);

        _images.GatherAugmented(all, first, seed: 5, epoch: 2);
        _images.GatherAugmented(all, otherEpoch, seed: 5, epoch: 3);
        _images.GatherAugmented(all, otherSeed, seed: 6, epoch: 2);

        Assert.NotEqual(first, otherEpoch);
        Assert.NotEqual(first, otherSeed);
    }

    [Fact]
    public void Draw_ManySamples_IsUniformOverPlacesAndFlips()
    {
        var draws = Enumerable.Range(0, 9000).Select(sample => CropAndFlip.Draw(1, epoch: 0, sample)).ToArray();

        Assert.All(draws, draw => Assert.True(draw is { Top: >= 0 and <= 8, Left: >= 0 and <= 8 }));
        Assert.All(Enumerable.Range(0, 9), place =>
        {
            Assert.InRange(draws.Count(draw => draw.Top == place), 850, 1150);
            Assert.InRange(draws.Count(draw => draw.Left == place), 850, 1150);
        });
        Assert.InRange(draws.Count(draw => draw.Flip), 4300, 4700);
        Assert.InRange(draws.Distinct().Count(), 150, 162);
    }

    [Fact]
    public void RandomCropAndFlip_EveryPlace_IsTheCropOfThePaddedImage()
    {
        const int Height = 5;
        const int Width = 6;
        var image = SmallFiles.Noise(2 * Height * Width, seed: 2);
        for (var place = 0; place < 162; place++)
        {
            var draw = new CropAndFlip(place / 2 / 9, place / 2 % 9, place % 2 == 1);
            var result = Enumerable.Repeat(-1f, image.Length).ToArray();

            Augmentation.RandomCropAndFlip(Array.ConvertAll(image, value => (float)value), [0, 0], Height, Width, draw, result);

            Assert.Equal(ByPadding(image, 2, Height, Width, draw), result);
        }
    }

    // The same by the book: pad, crop, then mirror.
    private static float[] ByPadding(byte[] image, int channels, int height, int width, CropAndFlip draw)
    {
        var result = new List<float>();
        for (var channel = 0; channel < channels; channel++)
        {
            var padded = new float[height + 8, width + 8];
            for (var i = 0; i < height * width; i++)
            {
                padded[4 + (i / width), 4 + (i % width)] = image[(channel * height * width) + i];
            }

            for (var y = 0; y < height; y++)
            {
                var row = Enumerable.Range(0, width).Select(x => padded[draw.Top + y, draw.Left + x]);
                result.AddRange(draw.Flip ? row.Reverse() : row);
            }
        }

        return [.. result];
    }
}
