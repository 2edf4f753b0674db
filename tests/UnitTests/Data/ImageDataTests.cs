using Lcnn.Distributed.Data.Images;

namespace Lcnn.Distributed.UnitTests.Data;

public sealed class ImageDataTests
{
    [Fact]
    public void Gather_AnyOrder_ScalesEachSampleByItsMaximum()
    {
        var data = new ImageData([0, 4, 8, 16, 1, 2], [0, 1, 2], 1, 1, 2, 3, 16);
        var values = new float[4];
        var labels = new long[2];

        data.Gather([2, 1], values);
        data.GatherLabels([2, 1], labels);

        Assert.Equal([1f / 16, 2f / 16, 0.5f, 1f], values);
        Assert.Equal([2L, 1L], labels);
    }

    [Fact]
    public void Take_FewerThanAll_KeepsTheFirstInFileOrder()
    {
        var data = new ImageData([1, 2, 3], [2, 1, 0], 1, 1, 1, 3, 255);

        var taken = data.Take(2);

        Assert.Equal([1, 2], taken.AsBytes().Pixels.ToArray());
        Assert.Equal([2, 1], taken.Labels.ToArray());
        Assert.Same(data, data.Take(99));
    }

    [Fact]
    public void Sha256_AnyDifference_Differs()
    {
        ImageData[] all =
        [
            new([1, 2, 3, 4], [0, 1], 1, 1, 2, 2, 255),
            new([1, 2, 3, 5], [0, 1], 1, 1, 2, 2, 255),
            new([1, 2, 3, 4], [1, 1], 1, 1, 2, 2, 255),
            new([1, 2, 3, 4], [0, 1], 1, 2, 1, 2, 255),
            new([1, 2, 3, 4], [0, 1], 2, 1, 1, 2, 255),
            new([1, 2, 3, 4], [0, 1], 1, 1, 2, 3, 255),
            new([1, 2, 3, 4], [0, 1], 1, 1, 2, 2, 16),
        ];

        Assert.Equal(all.Length, all.Select(data => data.Sha256).Distinct().Count());
        Assert.Equal(all[0].Sha256, new ImageData([1, 2, 3, 4], [0, 1], 1, 1, 2, 2, 255).Sha256);
        Assert.Equal(64, all[0].Sha256.Length);
    }

    [Fact]
    public void Constructor_InconsistentContent_IsRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ImageData([1, 2, 3], [0, 1], 1, 1, 2, 2, 255));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ImageData([1, 2], [2], 1, 1, 2, 2, 255));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ImageData([1, 17], [0], 1, 1, 2, 2, 16));
    }

    [Fact]
    public void Gather_WrongIndexOrSmallDestination_IsRefused()
    {
        var data = new ImageData([1, 2], [0, 1], 1, 1, 1, 2, 255);

        Assert.Throws<ArgumentOutOfRangeException>(() => data.Gather([2], new float[1]));
        Assert.Throws<ArgumentException>(() => data.Gather([0, 1], new float[1]));
        Assert.Throws<ArgumentException>(() => data.GatherAugmented([0, 1], new float[1], seed: 0, epoch: 0));
    }

    [Fact]
    public void Bounds_SeenAsAnySourceOfImages_AreOfBlackAndWhite()
    {
        ILabelledImages plain = new ImageData([1, 2], [0], 2, 1, 1, 1, 255);
        ILabelledImages normalised = new ImageData([1, 2], [0], 2, 1, 1, 1, 255, new PixelNormalization([0.5, 0.25], [0.5, 0.25]));

        Assert.Equal([(0, 1), (0, 1)], plain.Bounds!);
        Assert.Equal([(-1, 1), (-1, 3)], normalised.Bounds!);
        Assert.Null(((ILabelledImages)new FloatImages([1, 2], [0], 2, 1, 1, 1)).Bounds);
        Assert.Null(plain.Normalization);
        Assert.Equal([0.5f, 0.25f], normalised.Normalization!.Deviations);
    }
}
