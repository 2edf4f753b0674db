namespace Lcnn.Distributed.EndToEndTests.Clusters;

public sealed class DivergenceTests
{
    [Fact]
    public async Task Gradient_NotFinite_FailsTheRunNamingTheLayerAndKeepsTheLastSnapshot()
    {
        var diverging = new Training(
            epochs: 6, samples: 1437, snapshotEvery: 1, "--arch", "resnet8", "--loss", "ce", "--lr", "1e3", "--weight-decay", "1e3", "--momentum", "0");
        await using var run = await DisturbedRun.StartAsync(diverging, silos: 2);

        Assert.True(await run.Train.WaitForExitAsync() == 1, $"{run.Train}");

        var failed = run.Train.Events[^1];
        Assert.Equal("failed", failed.Kind);
        Assert.Matches("^rank [0-3]: step [0-9]+: the gradient of layer '[^']+' is not finite; lower --lr", failed.Text("error"));
        Assert.Equal(run.Train.OfKind("snapshot")[^1].Text("path"), failed.Text("snapshot"));
        Assert.True(Directory.Exists(failed.Text("snapshot")), $"{failed}");
        Assert.Empty(run.Train.OfKind("generation"));
    }
}
