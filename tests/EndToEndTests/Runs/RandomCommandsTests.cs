using System.Globalization;
using Lcnn.Distributed.EndToEndTests.Clusters;

namespace Lcnn.Distributed.EndToEndTests.Runs;

/// <summary>Whatever is done to one folder, in whatever order: what the last command reported is what the folder yields.</summary>
public sealed class RandomCommandsTests(FinishedRun finished)
{
    private const int StepsPerEpoch = 2;

    private static readonly string[] _small =
        ["--train-limit", "64", "--batch-size", "32", "--workers", "1", "--threads", "1", "--schedule", "constant", "--curvature-samples", "0", "--keep", "3"];

    [Fact]
    public Task Commands_InRandomOrderOnOneFolder_LeaveWhatTheyReported() => RunAsync(seed: 1, commands: 6, kindCount: 6);

    [Fact]
    public async Task Commands_ManyRandomOrders_LeaveWhatTheyReported()
    {
        TestTier.SkipUnlessLong();
        for (var seed = 2; seed < 22; seed++)
        {
            await RunAsync(seed, commands: 10, kindCount: 7);
        }
    }

    // The last kind needs a silo of its own, and is left to the long tier.
    private async Task RunAsync(int seed, int commands, int kindCount)
    {
        using var place = new TemporaryFolder();
        var random = new Random(seed);
        var folder = new RunningFolder(place["run"]);
        var other = finished.CopyTo(place["other"]);
        await TrainAsync(folder, ["--out", folder.Path, "--epochs", "2", "--seed", $"{folder.Seed}"]);
        folder.Plant(other);

        // every kind comes up before one comes twice
        var kinds = new Queue<int>();
        for (var command = 0; command < commands; command++)
        {
            if (kinds.Count == 0)
            {
                kinds = new Queue<int>(Enumerable.Range(0, kindCount).OrderBy(_ => random.Next()));
            }

            var kind = kinds.Dequeue();
            TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}, command {command}: kind {kind} at step {folder.Reported.Step}");
            await DoAsync(kind, folder, place, random);
        }
    }

    private static Task DoAsync(int kind, RunningFolder folder, TemporaryFolder place, Random random) => kind switch
    {
        0 => TrainAsync(folder, ["--out", folder.Path, "--resume", "--epochs", Epochs(folder.Reported.Step, random.Next(2))], resumedAt: folder.Reported.Step),
        1 => GoBackAsync(folder, random),
        2 => OverwriteAsync(folder, random),
        3 => EvaluateAsync(folder, random),
        4 => KillAsync(folder, random),
        5 => RefuseAsync(folder, random),
        _ => FetchAsync(folder, place, random),
    };

    private static Task<string> GoBackAsync(RunningFolder folder, Random random)
    {
        var snapshot = folder.Snapshots[random.Next(folder.Snapshots.Count)];
        var step = RunningFolder.StepOf(snapshot);
        return TrainAsync(folder, ["--out", folder.Path, "--resume", snapshot, "--epochs", Epochs(step, random.Next(3))], resumedAt: step);
    }

    private static Task<string> OverwriteAsync(RunningFolder folder, Random random)
    {
        folder.Seed = random.Next(1000);
        return TrainAsync(folder, ["--out", folder.Path, "--overwrite", "--epochs", "2", "--seed", $"{folder.Seed}"]);
    }

    private static async Task EvaluateAsync(RunningFolder folder, Random random)
    {
        var snapshot = folder.Snapshots[random.Next(folder.Snapshots.Count)];
        foreach (var (path, weights) in new[]
        {
            (folder.Path, folder.Reported.Weights),
            (snapshot, WeightsFile.Sha256(Path.Combine(snapshot, "model.safetensors"))),
            (folder.In("kept.safetensors"), WeightsFile.Sha256(folder.In("kept.safetensors"))),
        }.Take(TestTier.IsLong ? 3 : 1))
        {
            await using var lcnn = await LcnnProcess.RunAsync("eval", path, "--json", "--curvature-samples", "0");
            Assert.True(await lcnn.WaitForExitAsync() == 0, $"{lcnn}");
            Assert.Equal(weights, Assert.Single(lcnn.Events).Weights);
        }

        folder.Check(hasEnded: false, isComplete: false);
    }

    private static async Task KillAsync(RunningFolder folder, Random random)
    {
        var snapshot = folder.Snapshots[random.Next(folder.Snapshots.Count)];
        var kind = new[] { "started", "step", "snapshot", "epoch" }[random.Next(4)];
        var before = kind == "started" ? 0 : random.Next(3);
        await using var lcnn = LcnnProcess.Start(
            ["train", "--json", .. _small, "--out", folder.Path, "--resume", snapshot, "--epochs", "1000", "--snapshot-every", "1"]);
        await lcnn.WaitForEventAsync(line => line.Kind == kind && before-- <= 0);
        lcnn.Kill();
        await lcnn.WaitForExitAsync();

        folder.Take(lcnn.Events, wasKilled: true);
        folder.Check(hasEnded: false, isComplete: false);
    }

    // Nothing that is refused changes a byte.
    private static async Task RefuseAsync(RunningFolder folder, Random random)
    {
        string[][] refused =
        [
            ["--out", folder.Path],
            ["--out", folder.Path, "--overwrite", "--resume", folder.Snapshots[0]],
            ["--out", folder.Path, "--resume", folder.In("other"), "--epochs", "9"],
        ];
        var before = folder.Everything();
        await using var lcnn = await LcnnProcess.RunAsync(["train", "--json", .. _small, .. refused[random.Next(refused.Length)]]);

        Assert.True(await lcnn.WaitForExitAsync() == 2, $"{lcnn}");
        Assert.Equal(before, folder.Everything());
    }

    // On a silo, and a copy of what it made.
    private static async Task FetchAsync(RunningFolder folder, TemporaryFolder place, Random random)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var silo = await SiloProcess.StartAsync(redis.Address, place.Path, "--slots", "1");
        var snapshot = folder.Snapshots[random.Next(folder.Snapshots.Count)];
        var step = RunningFolder.StepOf(snapshot);
        var run = await TrainAsync(
            folder, ["--cluster", redis.Address, "--out", folder.Path, "--resume", snapshot, "--epochs", Epochs(step, random.Next(2)), "--seed", $"{folder.Seed}"], step);

        await using var lcnn = await LcnnProcess.RunAsync("fetch", run, "--cluster", redis.Address, "--json", "--out", place[$"copy-{random.Next()}"]);

        Assert.True(await lcnn.WaitForExitAsync() == 0, $"{lcnn}");
        Assert.Equal(folder.Reported.Weights, WeightsFile.Sha256(Path.Combine(Assert.Single(lcnn.Events).Text("path"), "model.safetensors")));
        folder.Check(hasEnded: true, isComplete: true);
    }

    private static async Task<string> TrainAsync(RunningFolder folder, string[] arguments, long? resumedAt = null)
    {
        await using var lcnn = await LcnnProcess.RunAsync(["train", "--json", .. _small, .. arguments]);

        var completed = await lcnn.CompletedAsync();
        Assert.Equal(resumedAt ?? 0, Assert.Single(lcnn.OfKind("started")).Whole("resumedAtStep"));
        folder.Take(lcnn.Events, wasKilled: false);
        folder.Check(hasEnded: true, isComplete: true);
        return completed.Text("runId");
    }

    // Those begun, and some more.
    private static string Epochs(long step, int more) => ((step + StepsPerEpoch - 1) / StepsPerEpoch + more).ToString(CultureInfo.InvariantCulture);
}
