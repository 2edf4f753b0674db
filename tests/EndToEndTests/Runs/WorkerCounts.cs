using System.Text.Json;

namespace Lcnn.Distributed.EndToEndTests.Runs;

/// <summary>Trains the same thing with several numbers of workers.</summary>
internal static class WorkerCounts
{
    /// <summary>Promise P1 with eight shards and 1, 2, 3 and 5 workers.</summary>
    public static async Task CheckSameWeightsAsync(TemporaryFolder folder, int epochs, int samples, params IReadOnlyList<string> arguments)
    {
        var runs = new List<JsonElement>();
        foreach (var workers in new[] { 1, 2, 3, 5 })
        {
            var completed = await TrainAsync(folder[$"workers-{workers}"], threads: 1, [.. arguments, "--workers", $"{workers}", "--epochs", $"{epochs}"]);
            runs.Add(completed);
            var ranks = completed.GetProperty("ranks").EnumerateArray().ToList();
            Assert.Equal(workers, ranks.Count);
            Assert.Equal((long)epochs * samples, ranks.Sum(rank => rank.Whole("samples")));
        }

        Assert.Single(runs.Select(run => run.Weights).Distinct());
        Assert.Single(runs.Select(run => (run.Number("testAccuracy"), run.Number("testLoss"))).Distinct());
    }

    public static Task<JsonElement> TrainAsync(string folder, int threads, params IReadOnlyList<string> arguments) =>
        RunEvents.TrainAsync(["--shards", "8", "--threads", $"{threads}", "--curvature-samples", "0", "--out", folder, .. arguments]);
}
