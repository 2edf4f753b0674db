using System.Text.Json;
using Lcnn.Distributed.Data.Numpy;
using Lcnn.Distributed.EndToEndTests.Data;
using SkiaSharp;

namespace Lcnn.Distributed.EndToEndTests.LongRuns;

/// <summary>A folder of 2,000 images as users have them: four classes, JPEG and PNG, of many sizes, one cut short, one a text, one in CMYK.</summary>
public sealed class OwnImagesTests
{
    private const int TrainImages = 1600;
    private const int TestImages = 400;

    private static readonly string[] _classes = ["across", "down", "slanted", "squares"];

    [Fact]
    public async Task Train_OnAFolderOfImages_RefusesBadOnesAndHasOneHashForAnyNumberOfWorkers()
    {
        TestTier.SkipUnlessLong();
        using var folder = new TemporaryFolder();
        WriteImages(folder["images"]);

        await using var refused = await LcnnProcess.RunAsync("train", "--dataset", folder["images"], "--image-size", "32x32", "--out", folder["refused"]);
        var completed = new List<JsonElement>();
        foreach (var workers in new[] { "1", "2", "3" })
        {
            completed.Add(await RunEvents.TrainAsync(
                "--dataset", folder["images"], "--image-size", "32x32", "--normalize", "0.5/0.25", "--skip-bad", "--epochs", "2", "--shards", "4",
                "--curvature-samples", "20", "--workers", workers, "--out", folder[workers]));
        }

        await using var evaluated = await LcnnProcess.RunAsync("eval", folder["3"], "--json");
        await using var predicted = await LcnnProcess.RunAsync("predict", folder["3"], Path.Combine(folder["images"], "test"), "--json");

        Assert.Equal(2, await refused.WaitForExitAsync());
        Assert.Contains("got 2 of 2000 that cannot: train/across/00000.jpg: cut short", $"{refused}", StringComparison.Ordinal);
        Assert.Contains("train/down/00001.jpg: no PNG, JPEG or BMP", $"{refused}", StringComparison.Ordinal);
        Assert.Single(completed.Select(run => run.Weights).Distinct());
        Assert.All(completed, run => Assert.True(run.Number("testAccuracy") > 0.95, $"{run}"));
        Assert.Equal(_classes, completed[0].GetProperty("classNames").EnumerateArray().Select(name => name.GetString()));
        Assert.Equal(completed[2].Number("testAccuracy"), evaluated.Events[^1].Number("testAccuracy"));
        Assert.Equal(completed[2].Number("testAccuracy"), DrawnImages.ShareRight(predicted.Events));
    }

    private static void WriteImages(string folder)
    {
        for (var i = 0; i < TrainImages + TestImages; i++)
        {
            var (part, label) = (i < TrainImages ? "train" : "test", i % _classes.Length);
            var format = i % 8 < 4 ? SKEncodedImageFormat.Jpeg : SKEncodedImageFormat.Png;
            DrawnImages.Write(Path.Combine(folder, part, _classes[label], $"{i:00000}.{(format == SKEncodedImageFormat.Jpeg ? "jpg" : "png")}"), DrawnImages.Draw(i, label, format));
        }

        var cut = Path.Combine(folder, "train", _classes[0], "00000.jpg");
        DrawnImages.Write(cut, File.ReadAllBytes(cut)[..500]);
        DrawnImages.Write(Path.Combine(folder, "train", _classes[1], "00001.jpg"), "This is no image."u8.ToArray());
        using var samples = new NpzFile(Path.Combine(AppContext.BaseDirectory, "pictures.npz"));
        DrawnImages.Write(Path.Combine(folder, "train", _classes[2], "00002.jpg"), samples.Read("cmyk.jpg:file").Data);
    }
}
