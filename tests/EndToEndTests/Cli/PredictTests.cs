using System.Globalization;
using Lcnn.Distributed.EndToEndTests.Data;
using Lcnn.Distributed.Model.Prediction;
using SkiaSharp;

namespace Lcnn.Distributed.EndToEndTests.Cli;

/// <summary>What a trained network says of images, as a user asks it.</summary>
public sealed class PredictTests
{
    private static readonly string[] _classes = ["across", "down"];

    [Fact]
    public async Task Predict_TestFolderAndOtherFiles_GivesTheRunsAccuracyAndNamesWhatCannotBeUsed()
    {
        using var folder = new TemporaryFolder();
        for (var i = 0; i < 64; i++)
        {
            DrawnImages.Write(Path.Combine(folder["images"], i < 48 ? "train" : "test", _classes[i % 2], $"{i:000}.png"), DrawnImages.Draw(i, i % 2, SKEncodedImageFormat.Png));
        }

        var (text, grey) = (folder["note.png"], folder["grey.png"]);
        await File.WriteAllTextAsync(text, "no image", TestContext.Current.CancellationToken);
        using (var bitmap = new SKBitmap(new SKImageInfo(50, 20, SKColorType.Gray8)))
        using (var data = bitmap.Encode(SKEncodedImageFormat.Png, 100))
        {
            DrawnImages.Write(grey, data.ToArray());
        }

        var completed = await RunEvents.TrainAsync(
            "--dataset", folder["images"], "--image-size", "16x16", "--normalize", "0.5/0.25", "--epochs", "1", "--batch-size", "16", "--curvature-samples", "0", "--out", folder["run"]);
        await using var right = await LcnnProcess.RunAsync("predict", folder["run"], Path.Combine(folder["images"], "test"), "--json");
        await using var odd = await LcnnProcess.RunAsync("predict", Path.Combine(folder["run"], "model.safetensors"), grey, text, "--curvature", "--csv");

        Assert.Equal(0, await right.WaitForExitAsync());
        Assert.Equal(16, right.Events.Count);
        Assert.Equal(completed.Number("testAccuracy"), DrawnImages.ShareRight(right.Events));
        Assert.All(right.Events, said => Assert.InRange(said.Number("probability"), 0.5, 1)); // the larger of two

        // What a program of the user's own is told, in five lines.
        using var model = ImageModel.Load(folder["run"]);
        var same = model.Predict(Path.Combine(folder["images"], "test")).Images;
        Assert.Equal(
            right.Events.Select(said => (said.Text("image"), said.Text("class"), said.Number("probability"))), same.Select(said => (said.Path, said.Class, said.Probability)));
        var asked = model.Predict([grey, text], withCurvature: true, TestContext.Current.CancellationToken);
        Assert.Equal(text, Assert.Single(asked.Refused).Path);
        Assert.Equal(2, await odd.WaitForExitAsync());
        Assert.Contains($"error: {text}: no PNG, JPEG or BMP", $"{odd}", StringComparison.Ordinal);
        var row = $"{odd}".Split('\n').Single(line => line.Contains($"{grey},", StringComparison.Ordinal)).Trim().Split(',');
        Assert.Contains(row[^5], _classes);
        Assert.Equal([asked.Images[0].GradientNorm, asked.Images[0].Curvature], row[^2..].Select(number => double.Parse(number, CultureInfo.InvariantCulture)));
        Assert.True(asked.Images[0].Curvature > 0);
    }
}
