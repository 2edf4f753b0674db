using Lcnn.Distributed.Client.Networks;
using Lcnn.Distributed.Client.Sweeps;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.Networks;

namespace Lcnn.Distributed.ClusterTests.Runs;

/// <summary>Networks of one's own, trained by the same engine with the same promises.</summary>
[Collection(nameof(ClusterFixture))]
public sealed class OwnNetworkTests(ClusterFixture cluster)
{
    private const string Mine = """
        name: mine
        parameters: {width: 4, blocks: 1}
        layers:
          - conv: {channels: width, norm: none}
          - preactivation: {channels: width, blocks: blocks}
          - norm
          - activation: {shared: one}
          - conv: {channels: 2*width, groups: width}
          - activation: {shared: one}
          - dropout: {rate: 0.3}
          - maxPool
          - flatten
          - linear: {features: 8}
          - dropout: {rate: 0.1}
          - linear: {features: classes}
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_OfOwnNetworkWithDropout_HasOneHashForAnyNumberOfWorkersAndAfterAPause()
    {
        var spec = Spec(NetworkFile.Parse(Mine).Description);

        var one = await cluster.CompleteAsync(spec with { Workers = 1, OutputDirectory = cluster.NewFolder() });
        var two = await cluster.CompleteAsync(spec with { OutputDirectory = cluster.NewFolder(), Transport = "stream" });
        var paused = await (await cluster.Client.StartAsync(spec with { PauseAfterEpoch = 1, OutputDirectory = cluster.NewFolder() }, Token)).EndAsync();
        var resumed = await cluster.CompleteAsync(spec with { ResumeFrom = ((RunCancelled)paused).Snapshot, OutputDirectory = cluster.NewFolder() });
        var other = await cluster.CompleteAsync(spec with { Seed = 2, OutputDirectory = cluster.NewFolder() });

        Assert.Equal("mine", one.Spec.Architecture);
        Assert.Equal(one.WeightsSha256, two.WeightsSha256);
        Assert.Equal(one.WeightsSha256, resumed.WeightsSha256);
        Assert.NotEqual(one.WeightsSha256, other.WeightsSha256);
    }

    [Fact]
    public async Task Run_OfABuiltInNetworksFile_HasItsHash()
    {
        var built = await cluster.CompleteAsync(cluster.SmallSpec());
        var own = await cluster.CompleteAsync(cluster.SmallSpec() with
        {
            OutputDirectory = cluster.NewFolder(),
            Network = NetworkFile.Parse(NetworkCatalog.Find("resnet8-lcnn")!.ToYaml()).Description.ToJson(),
        });

        Assert.Equal(built.WeightsSha256, own.WeightsSha256);
    }

    [Fact]
    public async Task Run_WhoseNetworkDoesNotFitTheImages_IsRefusedByItsLayer()
    {
        var spec = Spec(NetworkFile.Parse(Mine.Replace("maxPool", "maxPool: {kernel: 9}", StringComparison.Ordinal)).Description);

        var end = await (await cluster.Client.StartAsync(spec, Token)).EndAsync();

        var failed = Assert.IsType<RunFailed>(end);
        Assert.True(failed.BadInput);
        Assert.Contains("layer 7 (layers[7].maxPool): a 9x9 window needs images of at least 9x9, got 8x8x8", failed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sweep_OverTheParametersOfANetwork_TrainsEachOfItsSizes()
    {
        var folder = cluster.NewFolder();
        await File.WriteAllTextAsync(Path.Combine(folder, "mine.yaml"), Mine, Token);
        var file = Path.Combine(folder, "sweep.yaml");
        await File.WriteAllTextAsync(file, """
            base: {network: mine.yaml, epochs: 1, workers: 1, trainLimit: 64, batchSize: 32, curvatureSamples: 0}
            parameters:
              width: {values: [4, 8]}
              blocks: {values: [1, 2]}
            """, Token);

        var sweep = await cluster.Client.StartSweepAsync((await SweepFile.ReadAsync(file, Token)) with { OutputDirectory = cluster.NewFolder() }, Token);
        var completed = Assert.IsType<SweepCompleted>(await sweep.WaitAsync(Token));

        Assert.All(completed.Trials, trial => Assert.Equal(TrialState.Completed, trial.State));
        var sizes = new List<(string, long)>();
        foreach (var trial in completed.Trials)
        {
            var started = (RunStarted)(await cluster.Client.Find(trial.RunId).EventsAsync())[0];
            sizes.Add((started.Spec.NetworkParameters, started.ParameterCount));
        }

        Assert.Equal(["blocks=1,width=4", "blocks=2,width=4", "blocks=1,width=8", "blocks=2,width=8"], sizes.Select(size => size.Item1));
        Assert.Equal(4, sizes.Select(size => size.Item2).Distinct().Count());
    }

    private RunSpec Spec(NetworkDescription network) =>
        cluster.SmallSpec() with { Architecture = network.Name, Network = network.ToJson(), Loss = "curvature+gradnorm" };
}
