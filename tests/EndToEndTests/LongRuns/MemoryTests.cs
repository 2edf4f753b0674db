using System.Globalization;
using Lcnn.Distributed.EndToEndTests.Data;

namespace Lcnn.Distributed.EndToEndTests.LongRuns;

public sealed class MemoryTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task ResidentMemory_FromStep100ToStep500_StaysWhereItIs(int workers)
    {
        TestTier.SkipUnlessLong();
        FashionMnist.SkipIfMissing();
        Assert.SkipUnless(OperatingSystem.IsLinux(), "reads /proc");
        using var folder = new TemporaryFolder();
        await using var lcnn = LcnnProcess.Start(
            "train", "--json", "--dataset", "fashion-mnist", "--epochs", "1", "--workers", $"{workers}", "--curvature-samples", "0", "--out", folder["run"]);

        var early = await MeasureAtAsync(lcnn, 100);
        var late = await MeasureAtAsync(lcnn, 500);

        TestContext.Current.TestOutputHelper?.WriteLine($"{workers} workers: {early} kB at step 100, {late} kB at step 500");
        Assert.True(late <= 1.05 * early, $"{early} kB at step 100, {late} kB at step 500");
    }

    private static async Task<double> MeasureAtAsync(LcnnProcess lcnn, long step)
    {
        await lcnn.WaitForEventAsync(line => line.Kind == "step" && line.Whole("step") == step);
        var status = await File.ReadAllLinesAsync($"/proc/{lcnn.Id}/status", TestContext.Current.CancellationToken);
        var resident = status.Single(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return double.Parse(resident.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture);
    }
}
