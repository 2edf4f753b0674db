using System.Text.Json;

namespace Lcnn.Distributed.EndToEndTests.Clusters;

/// <summary>A sweep on two silo processes and a Redis that are killed under it: no trial is lost, none is made twice.</summary>
public sealed class SweepOnSilosTests
{
    private const int Kills = 5;
    private const int Cells = 24;
    private const int RunsBetweenKills = 2; // on one silo

    private const string Sweep =
        """
        base: {dataset: digits, arch: resnet8-lcnn, epochs: 1, workers: 1, shards: 1, threads: 1, curvatureSamples: 0, trainLimit: 512, seed: 3}
        parameters:
          lr: {values: [0.01, 0.02, 0.05, 0.1]}
          batchSize: {values: [32, 64, 128]}
          momentum: {values: [0.8, 0.9]}
        sampler: grid
        goal: {maximize: testAccuracy}
        maxConcurrent: 2
        """;

    [Fact]
    public async Task Grid_SweepsSiloKilledFiveTimesAndRedisOnce_HasEveryCellOnceWithTheWeightsOfItsRunAlone()
    {
        using var folder = new TemporaryFolder();
        await using var redis = await RedisServer.StartAsync();
        await File.WriteAllTextAsync(folder["sweep.yaml"], Sweep, TestContext.Current.CancellationToken);
        var silos = new List<SiloProcess> { await StartSiloAsync(redis, folder), await StartSiloAsync(redis, folder) };
        await using var sweep = LcnnProcess.Start(
            folder.Path, ["sweep", "start", "sweep.yaml", "--watch", "--json", "--out", folder["sweep"]], ("LCNN_CLUSTER", redis.Address));
        try
        {
            for (var kill = 0; kill < Kills; kill++)
            {
                var holder = await HolderAsync(silos, sweep);
                await WaitForRunsAsync(silos);
                if (kill == 2)
                {
                    await redis.KillAsync();
                    await redis.StartAgainAsync();
                }

                holder.Kill9();
                await holder.WaitForExitAsync();
                silos.Add(await StartSiloAsync(redis, folder));
            }

            var completed = await sweep.WaitForEventAsync("sweepCompleted");
            Assert.Equal(0, await sweep.WaitForExitAsync());
            await AssertEveryCellOnceAsync(completed, sweep.Events, folder);
            await AssertExportedAsync(completed, redis, folder);
        }
        finally
        {
            foreach (var silo in silos)
            {
                await silo.DisposeAsync();
            }
        }
    }

    private static Task<SiloProcess> StartSiloAsync(RedisServer redis, TemporaryFolder folder) =>
        SiloProcess.StartAsync(redis.Address, folder.Path, "--slots", "1");

    // By the silos' own word: to a watcher that has lost its gateway all of the sweep may be news at once.
    private static async Task WaitForRunsAsync(List<SiloProcess> silos) =>
        await await Task.WhenAny(Living(silos).Select(silo => silo.WaitForRunsAsync(silo.CoordinatedCount + RunsBetweenKills)));

    private static IReadOnlyList<SiloProcess> Living(List<SiloProcess> silos) => [.. silos.Where(silo => !silo.Process.HasExited)];

    // The newest silo to say so among those that live; after a kill it takes a moment until one does.
    private static async Task<SiloProcess> HolderAsync(List<SiloProcess> silos, LcnnProcess sweep)
    {
        var living = Living(silos);
        try
        {
            return living.LastOrDefault(silo => silo.HasScheduled) ?? await await Task.WhenAny(living.Select(async silo =>
            {
                await silo.WaitForSchedulingAsync();
                return silo;
            }));
        }
        catch (TimeoutException exception)
        {
            var said = silos.Select(silo => $"{silo.Silo}{(silo.Process.HasExited ? " (killed)" : "")}, {silo.Process}");
            throw new TimeoutException($"no silo schedules the sweep\n{string.Join("\n\n", said)}\n\nthe watcher, {sweep}", exception);
        }
    }

    private static async Task AssertExportedAsync(JsonElement completed, RedisServer redis, TemporaryFolder folder)
    {
        var (id, trials) = (completed.Text("sweepId"), completed.GetProperty("trials").EnumerateArray().ToList());

        var csv = await PrintAsync(redis, folder, "sweep", "export", id, "--format", "csv");
        var columns = csv[0].Split(',');
        var (number, hash) = (Array.IndexOf(columns, "number"), Array.IndexOf(columns, "weightsSha256"));
        Assert.Equal(
            trials.Select(trial => ($"{trial.Whole("number")}", trial.Text("weightsSha256"))),
            csv.Skip(1).Select(line => line.Split(',')).Select(fields => (fields[number], fields[hash])));

        using var json = JsonDocument.Parse(Assert.Single(await PrintAsync(redis, folder, "sweep", "export", id, "--json")));
        Assert.True(JsonElement.DeepEquals(completed.GetProperty("trials"), json.RootElement.GetProperty("trials")), "the exported trials differ");
        Assert.Equal(completed.GetProperty("best").Whole("number"), json.RootElement.GetProperty("best").Whole("number"));

        using var status = JsonDocument.Parse(Assert.Single(await PrintAsync(redis, folder, "sweep", "status", id, "--json")));
        var summary = status.RootElement.GetProperty("status");
        Assert.Equal("completed", summary.Text("phase"));
        Assert.Equal((Cells, completed.Whole("sequence")), (summary.GetProperty("trials").Whole("completed"), summary.Whole("lastSequence")));

        await PrintAsync(redis, folder, "sweep", "export", id, "--out", "report.html");
        var html = await File.ReadAllTextAsync(folder["report.html"], TestContext.Current.CancellationToken);
        Assert.StartsWith("<!DOCTYPE html>", html, StringComparison.Ordinal);
        Assert.All(trials, trial => Assert.Contains(trial.Text("weightsSha256"), html, StringComparison.Ordinal));
    }

    private static async Task<IReadOnlyList<string>> PrintAsync(RedisServer redis, TemporaryFolder folder, params IReadOnlyList<string> arguments)
    {
        await using var lcnn = LcnnProcess.Start(folder.Path, arguments, ("LCNN_CLUSTER", redis.Address));
        Assert.True(await lcnn.WaitForExitAsync() == 0, $"{lcnn}");
        return lcnn.Output;
    }

    private static async Task AssertEveryCellOnceAsync(JsonElement completed, IReadOnlyList<JsonElement> events, TemporaryFolder folder)
    {
        var trials = completed.GetProperty("trials").EnumerateArray().ToList();
        Assert.Equal(Enumerable.Range(1, Cells).Select(number => (long)number), trials.Select(trial => trial.Whole("number")));
        Assert.Equal(Cells, trials.Select(trial => trial.GetProperty("parameters").GetRawText()).Distinct().Count());
        Assert.All(trials, trial => Assert.Equal("completed", trial.Text("state")));
        Assert.Equal(Enumerable.Range(1, events.Count).Select(number => (long)number), events.Select(line => line.Whole("sequence")));
        Assert.Equal(
            Enumerable.Range(1, Cells).Select(number => (long)number),
            events.Where(line => line.Kind == "trialCompleted").Select(line => line.GetProperty("trial").Whole("number")).Order());
        foreach (var trial in trials.Where(trial => TestTier.IsLong || trial.Whole("number") % 9 == 1))
        {
            var parameters = trial.GetProperty("parameters");
            var alone = await RunEvents.TrainAsync(
                "--epochs", "1", "--workers", "1", "--shards", "1", "--threads", "1", "--curvature-samples", "0", "--train-limit", "512", "--seed", "3",
                "--lr", parameters.GetProperty("lr").GetRawText(), "--batch-size", parameters.GetProperty("batchSize").GetRawText(),
                "--momentum", parameters.GetProperty("momentum").GetRawText(), "--out", folder[$"alone-{trial.Whole("number")}"]);
            Assert.Equal(alone.Weights, trial.Text("weightsSha256"));
        }
    }
}
