namespace Lcnn.Distributed.EndToEndTests.BadInput;

public sealed class BadArgumentTests
{
    [Theory]
    [InlineData("--dataset digit", "--dataset: ", "'digit'", "did you mean 'digits'?")]
    [InlineData("--arch resnet9", "--arch: ", "'resnet9'", "resnet8-lcnn")]
    [InlineData("--loss gradnrm", "--loss: ", "'gradnrm'", "did you mean 'gradnorm'?")]
    [InlineData("--preset papers", "--preset: ", "'papers'", "did you mean 'paper'?")]
    [InlineData("--shards 3", "--shards: ", "power of two", "got 3")]
    [InlineData("--shards 4 --workers 5", "--workers: ", "one worker per logical shard (4)", "got 5")]
    [InlineData("--shards 8 --batch-size 15", "--batch-size: ", "at least 16", "got 15")]
    [InlineData("--train-limit 3", "--train-limit: ", "at least 4", "got 3")]
    [InlineData("--epochs 0", "--epochs: ", "at least 1", "got 0")]
    [InlineData("--workers two", "--workers: ", "whole number", "'two'")]
    [InlineData("--lr NaN", "--lr: ", "number above 0", "got NaN")]
    [InlineData("--lr -0.1", "--lr: ", "number above 0", "got -0.1")]
    [InlineData("--weight-decay -1", "--weight-decay: ", "number from 0", "got -1")]
    [InlineData("--loss curvature --arch resnet8", "--loss: ", "LCNN", "resnet8-lcnn")]
    [InlineData("--data-dir /nowhere", "--data-dir: ", "/nowhere", "does not exist")]
    [InlineData("--rate 0.1", "--rate: ", "unknown option")]
    public async Task Train_OneBadArgument_IsNamedBeforeAnythingStarts(string arguments, params string[] parts)
    {
        using var folder = new TemporaryFolder();

        await using var lcnn = await LcnnProcess.RunAsync(["train", "--json", "--out", folder["run"], .. arguments.Split(' ')]);

        await Refusal.CheckAsync(lcnn, parts);
        Assert.False(Path.Exists(folder["run"]));
    }

    [Fact]
    public async Task Train_ImagesTooSmallForTheNetwork_IsRefused()
    {
        using var folder = new TemporaryFolder();

        await using var lcnn = await LcnnProcess.RunAsync("train", "--json", "--out", folder["run"], "--arch", "vgg11");

        await Refusal.CheckAsync(lcnn, "vgg11", "at least 16x16", "got 1x8x8");
    }

    [Fact]
    public async Task Train_MoreShardsThanSamples_IsRefused()
    {
        using var folder = new TemporaryFolder();

        await using var lcnn = await LcnnProcess.RunAsync("train", "--json", "--out", folder["run"], "--shards", "1024", "--batch-size", "2048");

        await Refusal.CheckAsync(lcnn, "1437 training samples", "at least 2048", "--shards");
    }

    [Theory]
    [InlineData(false, "holds no snapshot")]
    [InlineData(true, "no snapshot to go on from")]
    public async Task Resume_FolderWithoutASnapshot_IsRefused(bool hasFiles, string reason)
    {
        using var folder = new TemporaryFolder();
        var empty = folder.Make("empty");
        if (hasFiles)
        {
            await File.WriteAllTextAsync(Path.Combine(empty, "notes.txt"), "mine", TestContext.Current.CancellationToken);
        }

        await using var lcnn = await LcnnProcess.RunAsync("train", "--json", "--out", folder["run"], "--resume", empty);

        await Refusal.CheckAsync(lcnn, empty, reason);
    }

    [Fact]
    public async Task Eval_FolderWithoutASnapshot_IsRefused()
    {
        using var folder = new TemporaryFolder();

        await using var lcnn = await LcnnProcess.RunAsync("eval", folder.Path);

        Assert.Equal(2, await lcnn.WaitForExitAsync());
        Assert.Contains(folder.Path, Assert.Single(lcnn.Error), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Train_RateIsFarTooHigh_FailsAndNamesTheLayerOrTheLoss()
    {
        using var folder = new TemporaryFolder();

        // Weights grow ten-thousandfold a step; the rate alone gives large losses that are numbers.
        await using var lcnn = await LcnnProcess.RunAsync(
            "train", "--json", "--out", folder["run"], "--lr", "1e3", "--weight-decay", "10", "--threads", "1");

        Assert.Equal(1, await lcnn.WaitForExitAsync());
        var failed = lcnn.Events[^1];
        Assert.Equal("failed", failed.Kind);
        Assert.False(failed.GetProperty("badInput").GetBoolean());
        Assert.Matches("rank [01]: step [0-9]+: the (gradient of layer '[^']+' is not finite|loss is )", failed.Text("error"));
        Assert.Contains("--lr", failed.Text("error"), StringComparison.Ordinal);
        Refusal.CheckOneError(lcnn, failed.Text("error"));
    }
}
