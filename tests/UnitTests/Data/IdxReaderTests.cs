using Lcnn.Distributed.Data.Catalog;

namespace Lcnn.Distributed.UnitTests.Data;

public sealed class IdxReaderTests
{
    private const string DebianFolder = "/usr/share/datasets/fashion-mnist";

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task Idx_EveryNaming_IsRead(bool zipped, bool dotted)
    {
        using var folder = new TemporaryFolder();
        foreach (var (name, bytes) in SmallFiles.IdxSet(zipped))
        {
            folder.Write(dotted ? name.Replace("-idx", ".idx", StringComparison.Ordinal) : name, bytes);
        }

        var data = await new DataSetLoader().LoadAsync(
            "mnist", folder.Path, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal([0, 1, 2, 3, 4, 5], data.Train.Labels.ToArray());
        Assert.Equal(SmallFiles.Noise(6 * 784, seed: 1), data.Train.AsBytes().Pixels.ToArray());
        Assert.Equal(SmallFiles.Noise(4 * 784, seed: 2), data.Test.AsBytes().Pixels.ToArray());
        Assert.Equal((1, 28, 28, 10, 255), (
            data.Test.Channels, data.Test.Height, data.Test.Width, data.Test.Classes, data.Test.AsBytes().PixelMaximum));
    }

    [Fact]
    public async Task FashionMnist_DebiansPackage_IsThePublishedSet()
    {
        RequireFashionMnist();

        var data = await new DataSetLoader().LoadAsync(
            "fashion-mnist", DebianFolder, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((60_000, 10_000), (data.Train.Count, data.Test.Count));
        Assert.All(Enumerable.Range(0, 10), label => Assert.Equal(6000, data.Train.Labels.Count(label)));
        Assert.All(Enumerable.Range(0, 10), label => Assert.Equal(1000, data.Test.Labels.Count(label)));
        Assert.Equal([9, 0, 0, 3, 0], data.Train.Labels[..5].ToArray());
    }

    [Fact]
    public void FashionMnist_NoDataDirectory_IsFoundInDebiansFolder()
    {
        RequireFashionMnist();
        using var cache = new TemporaryFolder();

        var location = new DataSetLocator(cache.Path).Locate("fashion-mnist");

        Assert.Equal((DataSetOrigin.System, DebianFolder), (location.Origin, location.Folder));
    }

    private static void RequireFashionMnist()
    {
        var isThere = Directory.Exists(DebianFolder);
        var mayMiss = !TestTier.IsContinuousIntegration;
        Assert.SkipUnless(isThere || !mayMiss, $"{DebianFolder} is missing: apt install dataset-fashion-mnist");
        Assert.True(isThere, $"{DebianFolder} is missing, which CI=true does not allow: apt install dataset-fashion-mnist");
    }
}
