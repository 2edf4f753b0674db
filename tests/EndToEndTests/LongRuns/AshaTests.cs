using System.Text.Json;
using Lcnn.Distributed.EndToEndTests.Data;

namespace Lcnn.Distributed.EndToEndTests.LongRuns;

/// <summary>What ASHA gives for what it spares, beside the whole grid.</summary>
public sealed class AshaTests
{
    private const double Points = 0.005;
    private const double ShareOfEpochs = 0.45;

    [Fact]
    public async Task Asha_OnAGridOfEighteen_FindsWhatTheWholeGridFindsInLessThanHalfOfItsEpochs()
    {
        TestTier.SkipUnlessLong();
        FashionMnist.SkipIfMissing();
        using var folder = new TemporaryFolder();

        var whole = await SweepAsync("none", folder);
        var asha = await SweepAsync("{kind: asha, reduction: 2, minEpochs: 1}", folder);

        TestContext.Current.TestOutputHelper?.WriteLine($"{whole.GetProperty("best")} {whole.Whole("epochs")}\n{asha.GetProperty("best")} {asha.Whole("epochs")}");
        Assert.Equal(18 * 6, whole.Whole("epochs"));
        Assert.Equal(18, asha.GetProperty("trials").GetArrayLength());
        Assert.True(BestOf(asha) >= BestOf(whole) - Points, $"{BestOf(asha)} against {BestOf(whole)}");
        Assert.True(asha.Whole("epochs") <= ShareOfEpochs * whole.Whole("epochs"), $"{asha.Whole("epochs")} of {whole.Whole("epochs")} epochs");
        // Paused at its rungs and gone on with, a trial is the one that was never paused.
        Assert.All(Completed(asha), trial => Assert.Equal(Completed(whole).Single(other => other.Key == trial.Key).Value, trial.Value));
    }

    private static async Task<JsonElement> SweepAsync(string scheduler, TemporaryFolder folder)
    {
        var name = scheduler == "none" ? "whole" : "asha";
        await File.WriteAllTextAsync(folder[$"{name}.yaml"],
            $$"""
            base: {dataset: fashion-mnist, trainLimit: 8192, arch: resnet8-lcnn, epochs: 6, workers: 1, seed: 3, curvatureSamples: 0}
            parameters:
              lr: {values: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1]}
              batchSize: {values: [64, 128, 256]}
            sampler: grid
            scheduler: {{scheduler}}
            goal: {maximize: testAccuracy}
            maxConcurrent: 2
            """,
            TestContext.Current.CancellationToken);
        await using var sweep = LcnnProcess.Start(folder.Path, ["sweep", "start", $"{name}.yaml", "--watch", "--json", "--out", folder[name]]);
        var completed = await sweep.WaitForEventAsync("sweepCompleted");
        Assert.Equal(0, await sweep.WaitForExitAsync());
        return completed;
    }

    private static double BestOf(JsonElement completed) => completed.GetProperty("best").GetProperty("metrics").Number("testAccuracy");

    private static Dictionary<long, string> Completed(JsonElement completed) => completed.GetProperty("trials").EnumerateArray()
        .Where(trial => trial.Text("state") == "completed")
        .ToDictionary(trial => trial.Whole("number"), trial => trial.Text("weightsSha256"));
}
