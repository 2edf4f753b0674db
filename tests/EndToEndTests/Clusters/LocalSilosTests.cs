using System.Diagnostics;

namespace Lcnn.Distributed.EndToEndTests.Clusters;

/// <summary>Silo processes that a run starts for itself.</summary>
public sealed class LocalSilosTests
{
    [Fact]
    public async Task Train_OnTwoLocalSilos_CompletesAndSaysWhatItCannotSurvive()
    {
        using var folder = new TemporaryFolder();
        await using var train = LcnnProcess.Start(
            folder.Path, ["train", "--local-silos", "2", "--json", "--epochs", "1", "--curvature-samples", "0", "--out", "run"]);

        var completed = await train.CompletedAsync();

        Assert.Equal(WeightsFile.Sha256(Path.Combine(folder.Path, "run", "model.safetensors")), completed.Weights);
        Assert.Contains(train.Error, line => line.Contains("losing the first silo ends the run", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Interrupt_OfTheParent_StopsTheRunAndThenTheSilos()
    {
        using var folder = new TemporaryFolder();
        await using var train = LcnnProcess.Start(folder.Path, ["train", "--local-silos", "2", "--json", "--epochs", "100000", "--out", "run"]);
        await train.WaitForEventAsync("step");
        var children = ChildrenOf(train.Id);
        Assert.Equal(2, children.Count);

        train.SendInterrupt();

        Assert.True(await train.WaitForExitAsync() == 130, $"{train}");
        Assert.True(Directory.Exists(train.Events[^1].Text("snapshot")), $"{train}");
        Assert.All(children, child => Assert.True(child.HasExited));
        children.ForEach(child => child.Dispose());
    }

    [Fact]
    public async Task Parent_Killed_TheSilosEndToo()
    {
        using var folder = new TemporaryFolder();
        await using var train = LcnnProcess.Start(folder.Path, ["train", "--local-silos", "2", "--json", "--epochs", "100000", "--out", "run"]);
        await train.WaitForEventAsync("step");
        var children = ChildrenOf(train.Id);
        Assert.Equal(2, children.Count);

        train.Kill();

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromMinutes(1));
        await Task.WhenAll(children.Select(child => child.WaitForExitAsync(patience.Token)));
        children.ForEach(child => child.Dispose());
    }

    [Fact]
    public async Task FirstSilo_Killed_EndsTheRunByName()
    {
        using var folder = new TemporaryFolder();
        await using var train = LcnnProcess.Start(folder.Path, ["train", "--local-silos", "2", "--json", "--epochs", "100000", "--out", "run"]);
        await train.WaitForEventAsync("step");
        var children = ChildrenOf(train.Id);

        children.MinBy(child => child.StartTime)!.Kill();

        Assert.True(await train.WaitForExitAsync() == 1, $"{train}");
        Assert.StartsWith("the first silo has ended", train.Events[^1].Text("error"), StringComparison.Ordinal);
        children.ForEach(child => child.Dispose());
    }

    private static List<Process> ChildrenOf(int processId) =>
        [.. File.ReadAllText($"/proc/{processId}/task/{processId}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Concat(Directory.GetDirectories($"/proc/{processId}/task").Where(task => Path.GetFileName(task) != $"{processId}")
                .SelectMany(task => File.ReadAllText(Path.Combine(task, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries)))
            .Select(id => Process.GetProcessById(int.Parse(id, null)))];
}
