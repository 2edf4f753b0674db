using Lcnn.Distributed.EndToEndTests.Clusters;

namespace Lcnn.Distributed.EndToEndTests.Kubernetes;

/// <summary>The manifests at work, without Kubernetes.</summary>
public sealed class RollingRestartTests
{
    // Long enough that both silos are replaced under it, wherever it runs.
    private static readonly Training _training = new(epochs: 100, samples: 1437, snapshotEvery: 20);

    /// <summary>Every silo is replaced, one more at first as the Deployment has it, and so is the launcher: its run goes on and keeps its bits.</summary>
    [Fact]
    public async Task Restart_OfEverySiloInTurn_ChangesNoBit()
    {
        TestTier.SkipUnlessLong();
        await using var cluster = await PodCluster.StartAsync("dev", "a", "b", "c");
        await cluster.StartSiloAsync("a");
        await cluster.StartSiloAsync("b");
        IReadOnlyList<string> arguments = [.. _training.Arguments, "--workers", "2", "--run-id", "rolled", "--out", $"{cluster.Runs}/rolled", "--resume", "auto"];
        await using var first = await cluster.LaunchAsync(arguments);
        await first.WaitForEventAsync("snapshot");

        first.SendTerminate();
        Assert.True(await first.WaitForExitAsync() == 143, $"{first}");
        await cluster.StartSiloAsync("c");
        await cluster.DeleteAsync("a");
        await cluster.StartSiloAsync("a");
        await cluster.DeleteAsync("b");

        await using var second = await cluster.LaunchAsync(arguments);
        var completed = await second.CompletedAsync();
        Assert.Equal(await _training.WeightsAsync(), completed.Weights);
        var changes = second.OfKind("generation");
        Assert.True(changes.Count >= 2, $"the run was over before every silo was replaced: {changes.Count} changes");
        Assert.All(changes, change => Assert.Equal(0, change.Whole("replayedSteps")));
        Assert.Equal(Enumerable.Range(1, second.Events.Count).Select(number => (long)number), second.Events.Select(line => line.Whole("sequence")));

        await using var again = await cluster.LaunchAsync(arguments);
        Assert.Equal(completed.Weights, (await again.CompletedAsync()).Weights);
        await using var other = await cluster.LaunchAsync([.. arguments, "--lr", "0.01"]);
        Assert.True(await other.WaitForExitAsync() == 2, $"{other}");
    }
}
