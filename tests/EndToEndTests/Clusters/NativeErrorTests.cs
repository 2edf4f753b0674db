using System.Text.Json;

namespace Lcnn.Distributed.EndToEndTests.Clusters;

/// <summary>A backward pass for which there is no memory, in libtorch itself: it ends what asked for it, by name, and nothing else.</summary>
public sealed class NativeErrorTests
{
    // The runs and trials that get so far are those of two epochs; one has 23 steps.
    private const string Fault = "exhaust 0 30";

    private const string Refused =
        "rank 0: step 31 \\(compute\\): out of memory in the backward pass at layer '[^']+': DefaultCPUAllocator: can't allocate memory.*; lower --batch-size or --threads, or raise --shards$";

    private const string Sweep =
        """
        base: {dataset: digits, arch: resnet8-lcnn, workers: 1, shards: 4, threads: 1, curvatureSamples: 0, seed: 3}
        parameters:
          epochs: {values: [2, 1]}
        goal: {maximize: testAccuracy}
        maxConcurrent: 2
        maxRetries: 0
        """;

    [Fact]
    public async Task OutOfMemory_InABackwardPass_FailsThatRunAndThatTrialWhileTheSiloAndItsOtherRunsGoOn()
    {
        using var folder = new TemporaryFolder();
        await using var redis = await RedisServer.StartAsync();
        await using var silo = await SiloProcess.StartWithFaultAsync(redis.Address, folder.Path, Fault, "--slots", "3");
        var cluster = ("LCNN_CLUSTER", redis.Address);
        var one = new Training(epochs: 1, samples: 1437, snapshotEvery: 20);
        // The other rank then waits inside the same pass for sums that never come.
        await using var failing = LcnnProcess.Start(
            folder.Path, ["train", "--json", "--workers", "2", .. Training.AuthorsObjective.Arguments, "--out", folder["failing"]], cluster);
        await using var beside = LcnnProcess.Start(folder.Path, ["train", "--json", "--workers", "1", .. one.Arguments, "--out", folder["beside"]], cluster);

        Assert.True(await failing.WaitForExitAsync() == 1, $"{failing}");
        var completed = await beside.CompletedAsync();
        var sweep = await SweepAsync(folder, cluster);

        Assert.Equal(await one.WeightsAsync(), completed.Weights);
        Assert.Equal("failed", failing.Events[^1].Kind);
        Assert.Matches($"^{Refused}", failing.Events[^1].Text("error"));
        Assert.Empty(failing.OfKind("generation"));
        Assert.Equal(["failed", "completed"], sweep.Select(trial => trial.Text("state")));
        Assert.Matches(Refused, sweep[0].Text("error"));
        Assert.Equal(completed.Weights, sweep[1].Text("weightsSha256"));
        Assert.False(silo.Process.HasExited, $"{silo.Process}");
    }

    private static async Task<IReadOnlyList<JsonElement>> SweepAsync(TemporaryFolder folder, (string, string) cluster)
    {
        await File.WriteAllTextAsync(folder["sweep.yaml"], Sweep, TestContext.Current.CancellationToken);
        await using var sweep = LcnnProcess.Start(folder.Path, ["sweep", "start", "sweep.yaml", "--watch", "--json", "--out", folder["sweep"]], cluster);
        Assert.True(await sweep.WaitForExitAsync() == 0, $"{sweep}");
        return [.. sweep.Events[^1].GetProperty("trials").EnumerateArray()];
    }
}
