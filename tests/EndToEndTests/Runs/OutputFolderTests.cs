namespace Lcnn.Distributed.EndToEndTests.Runs;

public sealed class OutputFolderTests(FinishedRun finished)
{
    [Fact]
    public async Task Train_FolderIsNotEmpty_IsRefused()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["notes.txt"], "mine", TestContext.Current.CancellationToken);

        await using var lcnn = await LcnnProcess.RunAsync("train", "--json", "--out", folder.Path);

        Assert.Equal(2, await lcnn.WaitForExitAsync());
        var error = Assert.Single(lcnn.Events).Text("error");
        Assert.All(["--out", "not empty", "--resume", "--overwrite"], part => Assert.Contains(part, error, StringComparison.Ordinal));
        Assert.Equal(folder["notes.txt"], Assert.Single(Directory.GetFileSystemEntries(folder.Path)));
    }

    [Fact]
    public async Task Overwrite_FolderOfARun_ReplacesTheRunAndLeavesForeignFilesAlone()
    {
        using var folder = new TemporaryFolder();
        var run = finished.CopyTo(folder["run"]);
        var old = FinishedRun.SnapshotsOf(run);
        var notes = Path.Combine(folder.Make(Path.Combine("run", "notes")), "step-by-step.txt");
        await File.WriteAllTextAsync(notes, "mine", TestContext.Current.CancellationToken);

        var completed = await RunEvents.TrainAsync(
            "--out", run, "--overwrite", "--epochs", "1", "--train-limit", "128", "--curvature-samples", "0");

        Assert.Equal("mine", await File.ReadAllTextAsync(notes, TestContext.Current.CancellationToken));
        Assert.Equal(WeightsFile.Sha256(Path.Combine(run, "model.safetensors")), completed.Weights);
        var snapshot = Assert.Single(FinishedRun.SnapshotsOf(run));
        Assert.DoesNotContain(snapshot, old);
        Assert.Equal(Path.GetFileName(snapshot), (await File.ReadAllTextAsync(Path.Combine(run, "latest"), TestContext.Current.CancellationToken)).Trim());
    }
}
