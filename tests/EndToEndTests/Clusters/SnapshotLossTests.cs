using System.Text.Json;
using Lcnn.Distributed.UnitTests.Checkpoints;

namespace Lcnn.Distributed.EndToEndTests.Clusters;

/// <summary>Snapshots that are damaged when they are needed, and disks that have no room for them.</summary>
public sealed class SnapshotLossTests
{
    [Theory]
    [InlineData("model.safetensors", true)]
    [InlineData("optimizer.safetensors", false)]
    public async Task Snapshot_DamagedBeforeEverySiloIsKilled_IsNamedAndTheOneBeforeItUsed(string file, bool isBitFlipped)
    {
        if (!isBitFlipped)
        {
            TestTier.SkipUnlessLong();
        }

        await using var run = await DisturbedRun.StartAsync(silos: 2);
        await run.WaitForStepAsync(45);
        foreach (var silo in run.Silos)
        {
            silo.Kill9();
        }

        var newest = (await File.ReadAllTextAsync(Path.Combine(run.OutputFolder, "latest"), TestContext.Current.CancellationToken)).Trim();
        Damage(Path.Combine(run.OutputFolder, newest, file), isBitFlipped);
        await run.AddSiloAsync();
        await run.AddSiloAsync();

        var change = (await run.AssertUndisturbedResultAsync())[0];
        var warning = run.Train.OfKind("warning").Select(line => line.Text("message")).First();
        Assert.StartsWith($"a snapshot is not usable and the one before it is tried: {Path.Combine(run.OutputFolder, newest, file)}: ", warning, StringComparison.Ordinal);
        Assert.Equal(StepOf(newest) - run.Training.SnapshotEvery, change.Whole("fromStep"));
    }

    [Fact]
    public async Task Disk_FullForAWhile_TheRunTrainsOnToTheSameWeights()
    {
        using var disk = new SmallDisk("16m");
        await using var run = await DisturbedRun.StartAsync(silos: 2, workers: 0);
        await using var train = run.Launch(workers: 4, disk.Path);
        var (kept, warning) = await FillAsync(disk, train);
        await train.WaitForEventAsync(line => line.Kind == "step" && line.Whole("sequence") > warning.Whole("sequence"));

        disk.MakeRoom();

        var completed = await train.CompletedAsync();
        Assert.Equal(await DisturbedRun.UndisturbedAsync(), completed.Weights);
        Assert.Contains($"no snapshot could be written to {disk.Path}", warning.Text("message"), StringComparison.Ordinal);
        Assert.Contains("the last snapshot is kept", warning.Text("message"), StringComparison.Ordinal);
        Assert.True(kept.Whole("step") < warning.Whole("sequence"));
        Assert.Empty(train.OfKind("generation"));
        Assert.True(File.Exists(Path.Combine(disk.Path, "report.json")));
    }

    [Fact]
    public async Task Disk_FullToTheEnd_FailsPlainlyAndIsResumedOnceThereIsRoom()
    {
        TestTier.SkipUnlessLong();
        using var disk = new SmallDisk("16m");
        await using var run = await DisturbedRun.StartAsync(silos: 2, workers: 0);
        await using var train = run.Launch(workers: 4, disk.Path);
        await FillAsync(disk, train);

        Assert.True(await train.WaitForExitAsync() == 1, $"{train}");
        var failed = train.Events[^1];
        Assert.Contains($"no snapshot could be written to {disk.Path}", failed.Text("error"), StringComparison.Ordinal);
        Assert.Contains("make room or choose another --out, and --resume", failed.Text("error"), StringComparison.Ordinal);
        Assert.True(Directory.Exists(failed.Text("snapshot")), $"{failed}");

        disk.MakeRoom();
        await using var resumed = run.Launch(workers: 4, disk.Path, "--resume");
        Assert.Equal(await DisturbedRun.UndisturbedAsync(), (await resumed.CompletedAsync()).Weights);
        Assert.Equal(StepOf(Path.GetFileName(failed.Text("snapshot"))), resumed.OfKind("started")[0].Whole("resumedAtStep"));
    }

    // Again after each snapshot, because an older one may have made room. Returns the first one and the warning.
    private static async Task<(JsonElement Kept, JsonElement Warning)> FillAsync(SmallDisk disk, LcnnProcess train)
    {
        var kept = await train.WaitForEventAsync("snapshot");
        var warning = await train.WaitForEventAsync(line =>
        {
            if (line.Kind == "snapshot")
            {
                disk.Fill();
            }

            return line.Kind == "warning" && line.Text("message").Contains("no snapshot could be written", StringComparison.Ordinal);
        });
        return (kept, warning);
    }

    private static void Damage(string path, bool isBitFlipped)
    {
        using var file = File.Open(path, FileMode.Open, FileAccess.ReadWrite);
        if (!isBitFlipped)
        {
            file.SetLength(file.Length - 1);
            return;
        }

        var at = file.Length / 2;
        file.Position = at;
        var value = file.ReadByte();
        file.Position = at;
        file.WriteByte((byte)(value ^ 1));
    }

    private static long StepOf(string snapshot) => long.Parse(snapshot["step-".Length..].Split('.')[0], null);
}
