using System.Text.Json;
using Lcnn.Distributed.EndToEndTests.Data;

namespace Lcnn.Distributed.EndToEndTests.Runs;

public sealed class StopAndResumeTests(FinishedRun undisturbed)
{
    private const int StopAfter = FinishedRun.StepsPerEpoch + 5; // amid the second epoch

    [Fact]
    public async Task Interrupt_AmidAnEpoch_KeepsASnapshotThatOtherWorkersGoOnFrom()
    {
        using var folder = new TemporaryFolder();
        await using var lcnn = Start(folder);

        var cancelled = await StopAsync(lcnn, lcnn.SendInterrupt, exitCode: 130);
        Assert.Equal("SIGINT", cancelled.Text("reason"));
        await using var resumed = await LcnnProcess.RunAsync(
            "train", "--json", "--out", folder["run"], "--resume", "--workers", "3", "--threads", "1", "--curvature-samples", "64");

        await CheckGoneOnAsync(resumed, cancelled.Whole("step"));
    }

    [Fact]
    public async Task Terminate_AmidAnEpoch_KeepsASnapshotThatAnotherFolderGoesOnFrom()
    {
        using var folder = new TemporaryFolder();
        await using var lcnn = Start(folder);

        var cancelled = await StopAsync(lcnn, lcnn.SendTerminate, exitCode: 143);
        Assert.Equal("SIGTERM", cancelled.Text("reason"));
        await using var resumed = await LcnnProcess.RunAsync(
            ["train", "--json", .. FinishedRun.Arguments, "--out", folder["other"], "--resume", cancelled.Text("snapshot")]);

        await CheckGoneOnAsync(resumed, cancelled.Whole("step"));
    }

    [Fact]
    public async Task Interrupt_WhileCurvatureIsMeasured_KeepsTheTrainedModel()
    {
        using var folder = new TemporaryFolder();
        await using var lcnn = LcnnProcess.Start("train", "--json", "--epochs", "1", "--train-limit", "128", "--out", folder["run"]);

        await lcnn.WaitForEventAsync("curvature");
        lcnn.SendInterrupt();

        Assert.Equal(130, await lcnn.WaitForExitAsync());
        Assert.Equal("cancelled", lcnn.Events[^1].Kind);
        Assert.Equal(lcnn.Events[0].Whole("totalSteps"), lcnn.Events[^1].Whole("step"));
        Assert.Equal(lcnn.OfKind("snapshot")[^1].Weights, WeightsFile.Sha256(Path.Combine(folder["run"], "model.safetensors")));
    }

    [Fact]
    public async Task Resume_OfAFinishedRun_CompletesWithTheSameResults()
    {
        using var folder = new TemporaryFolder();
        var run = undisturbed.CopyTo(folder["run"]);

        var completed = await RunEvents.TrainAsync("--out", run, "--resume", "--workers", "2", "--threads", "1");

        Assert.Equal(undisturbed.Completed.Weights, completed.Weights);
        Assert.All(["testAccuracy", "testLoss", "curvature", "steps", "epochs"], name =>
            Assert.Equal(undisturbed.Completed.Number(name), completed.Number(name)));
    }

    [Theory]
    [InlineData("model.safetensors")]
    [InlineData("state.json")]
    public async Task Resume_NewestSnapshotHasAFlippedBit_WarnsAndTakesTheOneBefore(string file)
    {
        using var folder = new TemporaryFolder();
        var run = undisturbed.CopyTo(folder["run"]);
        var newest = FinishedRun.SnapshotsOf(run)[^1];
        FlipBit(Path.Combine(newest, file));

        await using var lcnn = await LcnnProcess.RunAsync("train", "--json", "--out", run, "--resume", "--threads", "1", "--curvature-samples", "0");

        var completed = await lcnn.CompletedAsync();
        var warning = Assert.Single(lcnn.OfKind("warning"));
        Assert.Contains(Path.GetFileName(newest), warning.Text("message"), StringComparison.Ordinal);
        Assert.Equal(FinishedRun.Steps - FinishedRun.StepsPerEpoch, Assert.Single(lcnn.OfKind("started")).Whole("resumedAtStep"));
        Assert.Equal(undisturbed.Completed.Weights, completed.Weights);
    }

    [Fact]
    public async Task Resume_EverySnapshotIsDamaged_IsBadInput()
    {
        using var folder = new TemporaryFolder();
        var run = undisturbed.CopyTo(folder["run"]);
        Array.ForEach(Directory.GetDirectories(run, "step-*"), snapshot => FlipBit(Path.Combine(snapshot, "model.safetensors")));

        await using var lcnn = await LcnnProcess.RunAsync(["train", "--json", .. FinishedRun.Arguments, "--out", run, "--resume"]);

        Assert.Equal(2, await lcnn.WaitForExitAsync());
        Assert.Contains("2 damaged", lcnn.Events[^1].Text("error"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--batch-size", "32")]
    [InlineData("--arch", "resnet8")]
    [InlineData("--epochs", "1")]
    public async Task Resume_OtherSettings_AreRefusedByName(string option, string value)
    {
        await using var lcnn = await LcnnProcess.RunAsync("train", "--json", "--out", undisturbed.Folder, "--resume", option, value);

        Assert.Equal(2, await lcnn.WaitForExitAsync());
        var failed = Assert.Single(lcnn.Events);
        Assert.True(failed.GetProperty("badInput").GetBoolean());
        Assert.Contains(option, failed.Text("error"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Resume_OtherDataUnderTheSameName_IsRefused()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["data"]);
        SampleFiles.Write(DataFormat.Idx, Damage.None, folder["data"]);
        string[] arguments =
        [
            "train", "--json", "--dataset", "mnist", "--data-dir", folder["data"], "--epochs", "1", "--batch-size", "20", "--curvature-samples", "0", "--out", folder["run"],
        ];
        await using var first = await LcnnProcess.RunAsync(arguments);
        Assert.Equal(0, await first.WaitForExitAsync());

        var images = Path.Combine(folder["data"], "train-images-idx3-ubyte");
        var bytes = await File.ReadAllBytesAsync(images, TestContext.Current.CancellationToken);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(images, bytes, TestContext.Current.CancellationToken);
        await using var second = await LcnnProcess.RunAsync([.. arguments, "--resume"]);

        Assert.Equal(2, await second.WaitForExitAsync());
        Assert.Contains("trained on other data", Assert.Single(second.Events).Text("error"), StringComparison.Ordinal);
    }

    private static LcnnProcess Start(TemporaryFolder folder) =>
        LcnnProcess.Start(["train", "--json", .. FinishedRun.Arguments, "--out", folder["run"]]);

    private static async Task<JsonElement> StopAsync(LcnnProcess lcnn, Action signal, int exitCode)
    {
        await lcnn.WaitForEventAsync(line => line.Kind == "step" && line.Whole("step") == StopAfter);
        signal();

        Assert.Equal(exitCode, await lcnn.WaitForExitAsync());
        var cancelled = lcnn.Events[^1];
        Assert.Equal("cancelled", cancelled.Kind);
        Assert.InRange(cancelled.Whole("step"), StopAfter, FinishedRun.Steps - 1);
        Assert.Equal(cancelled.Text("snapshot"), lcnn.OfKind("snapshot")[^1].Text("path"));
        Assert.Equal(cancelled.Whole("step"), lcnn.OfKind("snapshot")[^1].Whole("step"));
        return cancelled;
    }

    private async Task CheckGoneOnAsync(LcnnProcess resumed, long step)
    {
        var completed = await resumed.CompletedAsync();
        Assert.Equal(step, Assert.Single(resumed.OfKind("started")).Whole("resumedAtStep"));
        Assert.Equal(step + 1, resumed.OfKind("step")[0].Whole("step"));
        Assert.Equal(undisturbed.Completed.Weights, completed.Weights);
        Assert.Equal(FinishedRun.Steps, completed.Whole("steps"));
    }

    private static void FlipBit(string path)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(path, bytes);
    }
}
