using Lcnn.Distributed.EndToEndTests.Data;

namespace Lcnn.Distributed.EndToEndTests.Runs;

public sealed class WorkerCountOnFashionMnistTests
{
    [Theory]
    [InlineData("ce")]
    [InlineData("curvature+gradnorm")]
    public async Task Weights_AnyNumberOfWorkers_AreTheSame(string loss)
    {
        FashionMnist.SkipIfMissing();
        using var folder = new TemporaryFolder();
        FashionMnist.CopyFirst(600, 200, folder.Make("data"));

        await WorkerCounts.CheckSameWeightsAsync(
            folder, epochs: 1, samples: 512, "--dataset", "fashion-mnist", "--data-dir", folder["data"], "--train-limit", "512", "--loss", loss);
    }

    [Theory]
    [InlineData("ce")]
    [InlineData("curvature+gradnorm")]
    public async Task Weights_AnyNumberOfWorkersOnDebiansFiles_AreTheSame(string loss)
    {
        TestTier.SkipUnlessLong();
        FashionMnist.SkipIfMissing();
        using var folder = new TemporaryFolder();

        await WorkerCounts.CheckSameWeightsAsync(
            folder, epochs: 1, samples: 4096, "--dataset", "fashion-mnist", "--train-limit", "4096", "--loss", loss);
    }
}
