using Lcnn.Distributed.Data.Catalog;
using Lcnn.Distributed.Data.Files;
using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Data.Named;

namespace Lcnn.Distributed.UnitTests.Data;

public sealed class DigitsTests
{
    [Fact]
    public async Task Digits_Loaded_HaveTheFixedSplit()
    {
        var digits = await new DataSetLoader().LoadAsync("digits", cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((1437, 360), (digits.Train.Count, digits.Test.Count));
        Assert.Equal((1, 8, 8, 10, 16), (
            digits.Train.Channels, digits.Train.Height, digits.Train.Width, digits.Train.Classes, digits.Train.AsBytes().PixelMaximum));
        Assert.All(Enumerable.Range(0, 10), label => Assert.InRange(digits.Test.Labels.Count(label), 20, 60));
        Assert.All(Enumerable.Range(0, 10), label => Assert.InRange(digits.Train.Labels.Count(label), 120, 165));
    }

    [Fact]
    public void Digits_LoadedTwice_AreTheSame()
    {
        Assert.Equal(DigitsReader.Load().Sha256, DigitsReader.Load().Sha256);
    }

    [Fact]
    public void Digits_BothPartsTogether_AreTheWholeFile()
    {
        using var file = new DataFileStream(
            "digits", typeof(DigitsReader).Assembly.GetManifestResourceStream("digits.csv.gz")!);

        var all = DigitsReader.Read(file);
        var digits = DigitsReader.Load();

        Assert.Equal(Sorted(all), Sorted(digits.Train.AsBytes()).Concat(Sorted(digits.Test.AsBytes())).Order(StringComparer.Ordinal));
        Assert.Equal([0, 0, 5, 13, 9, 1, 0, 0], all.Pixels[..8].ToArray());
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], all.Labels[..10].ToArray());
    }

    private static IEnumerable<string> Sorted(ImageData data) => Enumerable.Range(0, data.Count)
        .Select(i => $"{Convert.ToHexString(data.Pixels.Slice(i * 64, 64))} {data.Labels[i]}")
        .Order(StringComparer.Ordinal);
}
