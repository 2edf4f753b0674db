using System.Globalization;
using Lcnn.Distributed.EndToEndTests.Data;

namespace Lcnn.Distributed.EndToEndTests.LongRuns;

public sealed class MemoryTests
{
    private const int HalfWindow = 50;

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

        var early = await MeasureAroundAsync(lcnn, 100);
        var late = await MeasureAroundAsync(lcnn, 500);

        TestContext.Current.TestOutputHelper?.WriteLine($"{workers} workers: {early} kB at step 100, {late} kB at step 500");
        Assert.True(late <= 1.05 * early, $"{early} kB at step 100, {late} kB at step 500");
    }

    // Between two steps it moves by a tenth either way, as libtorch takes and returns memory: hence the median around the step.
    private static async Task<double> MeasureAroundAsync(LcnnProcess lcnn, long step)
    {
        var measured = new List<double>();
        for (var near = step - HalfWindow; near <= step + HalfWindow; near++)
        {
            measured.Add(await MeasureAtAsync(lcnn, near));
        }

        return measured.Order().ElementAt(HalfWindow);
    }

    private static async Task<double> MeasureAtAsync(LcnnProcess lcnn, long step)
    {
        await lcnn.WaitForEventAsync(line => line.Kind == "step" && line.Whole("step") == step);
        var status = await File.ReadAllLinesAsync($"/proc/{lcnn.Id}/status", TestContext.Current.CancellationToken);
        var resident = status.Single(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return double.Parse(resident.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture);
    }
}
