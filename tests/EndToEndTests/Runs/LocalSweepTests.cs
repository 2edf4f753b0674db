namespace Lcnn.Distributed.EndToEndTests.Runs;

/// <summary>A sweep in a process of its own that is killed or interrupted, and gone on with by the same command line.</summary>
public sealed class LocalSweepTests
{
    private const int Trials = 4;

    private const string Sweep =
        """
        base: {dataset: digits, arch: resnet8-lcnn, epochs: 3, workers: 1, shards: 1, threads: 1, curvatureSamples: 0, trainLimit: 1024, seed: 3}
        parameters: {lr: {values: [0.01, 0.02, 0.05, 0.1]}}
        scheduler: {kind: asha, reduction: 2, minEpochs: 1}
        maxConcurrent: 1
        """;

    [Fact]
    public async Task Sweep_KilledTwiceThenInterrupted_EndsAsIfUndisturbed()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["sweep.yaml"], Sweep, TestContext.Current.CancellationToken);
        await using var undisturbed = Start(folder, "undisturbed");
        Assert.Equal(0, await undisturbed.WaitForExitAsync());
        Assert.Contains("completed; sampler", await File.ReadAllTextAsync(Path.Combine(folder["undisturbed"], "report.html"), TestContext.Current.CancellationToken), StringComparison.Ordinal);

        foreach (var reports in new[] { 1, 3 })
        {
            await using var killed = Start(folder, "disturbed");
            await WaitForReportsAsync(killed, reports);
            killed.Kill();
            await killed.WaitForExitAsync();
        }

        await CheckStatusAsync(folder, "interrupted");
        await using var interrupted = Start(folder, "disturbed");
        await WaitForReportsAsync(interrupted, 5);
        interrupted.SendInterrupt();
        Assert.Equal(130, await interrupted.WaitForExitAsync());
        Assert.Equal("sweepPaused", interrupted.Events[^1].Kind);
        await using var exported = await LcnnProcess.RunAsync("sweep", "export", folder["disturbed"], "--format", "csv");
        Assert.Equal(0, await exported.WaitForExitAsync());
        Assert.Equal(1 + Trials, exported.Output.Count);
        Assert.False(File.Exists(Path.Combine(folder["disturbed"], "report.html"))); // it has not ended

        await using var resumed = Start(folder, "disturbed");
        Assert.Equal(0, await resumed.WaitForExitAsync());
        Assert.Equal(Results(undisturbed), Results(resumed));
        Assert.Equal(Trials, resumed.OfKind("trialCompleted").Count + resumed.OfKind("trialStopped").Count);

        await using var finished = Start(folder, "disturbed");
        Assert.Equal(0, await finished.WaitForExitAsync());
        Assert.Equal(resumed.Output, finished.Output);
    }

    private static LcnnProcess Start(TemporaryFolder folder, string name) =>
        LcnnProcess.Start(folder.Path, ["sweep", "start", "sweep.yaml", "--out", name, "--resume", "auto", "--json"]);

    private static async Task WaitForReportsAsync(LcnnProcess lcnn, int count) =>
        await lcnn.WaitForEventAsync(line => line.Kind == "trialReported" && lcnn.OfKind("trialReported").Count >= count);

    private static async Task CheckStatusAsync(TemporaryFolder folder, string expected)
    {
        await using var status = await LcnnProcess.RunAsync("sweep", "status", folder["disturbed"], "--json");
        Assert.Equal(0, await status.WaitForExitAsync());
        Assert.Contains(expected, Assert.Single(status.Output), StringComparison.Ordinal);
    }

    // What each trial came to, time left out.
    private static List<string> Results(LcnnProcess lcnn) =>
    [
        .. lcnn.OfKind("sweepCompleted").Single().GetProperty("trials").EnumerateArray().Select(trial =>
            $"{trial.Whole("number")} {trial.GetProperty("parameters")} {trial.Text("state")} {trial.Whole("epochs")} {trial.Text("weightsSha256")}"),
    ];
}
