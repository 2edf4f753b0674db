namespace Lcnn.Distributed.EndToEndTests.Runs;

public sealed class WorkerCountOnDigitsTests
{
    private const int Samples = 200; // 64 + 64 + 72: the remainder of 8 is too small for eight shards

    [Theory]
    [InlineData("ce")]
    [InlineData("curvature+gradnorm", "--batch-norm", "global")]
    public async Task Weights_AnyNumberOfWorkers_AreTheSame(string loss, params string[] more)
    {
        using var folder = new TemporaryFolder();

        await WorkerCounts.CheckSameWeightsAsync(folder, epochs: 2, Samples, ["--loss", loss, "--train-limit", $"{Samples}", .. more]);
    }

    [Fact]
    public async Task Weights_MoreThreadsAndBucketsOrAnotherSeed_AreTheSameOrNot()
    {
        using var folder = new TemporaryFolder();
        string[] arguments = ["--train-limit", $"{Samples}", "--epochs", "1"];

        var one = await WorkerCounts.TrainAsync(folder["one"], threads: 1, [.. arguments, "--workers", "1"]);
        var two = await WorkerCounts.TrainAsync(folder["two"], threads: 2, [.. arguments, "--workers", "3", "--bucket-mb", "0.02"]);
        var other = await WorkerCounts.TrainAsync(folder["other"], threads: 1, [.. arguments, "--seed", "1730"]);

        Assert.Equal(one.Weights, two.Weights);
        Assert.NotEqual(one.Weights, other.Weights);
    }

    [Fact]
    public async Task Weights_OtherDefaultOfIntraOpThreads_AreTheSame()
    {
        using var folder = new TemporaryFolder();

        var weights = new List<string>();
        foreach (var threads in new[] { "1", "3" })
        {
            await using var lcnn = LcnnProcess.Start(
                folder.Path,
                ["train", "--json", "--train-limit", "64", "--epochs", "1", "--curvature-samples", "0", "--out", folder[threads]],
                ("OMP_NUM_THREADS", threads), ("MKL_NUM_THREADS", threads));
            weights.Add((await lcnn.CompletedAsync()).Weights);
        }

        Assert.Equal(weights[0], weights[1]);
    }
}
