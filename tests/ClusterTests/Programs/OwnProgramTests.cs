using Lcnn.Distributed.Client.Sweeps;
using Lcnn.Distributed.Contracts.Cluster;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.Data.Checkpoints;

namespace Lcnn.Distributed.ClusterTests.Programs;

/// <summary>Data sets, networks and operations that silos' programs add, named by clients that do not know them.</summary>
public sealed class OwnProgramTests(ProgramCluster cluster) : IClassFixture<ProgramCluster>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_OfNamesThatOnlySilosKnow_TrainsToOneHashForOneTwoAndThreeWorkers()
    {
        var runs = new List<RunCompleted>();
        foreach (var workers in new[] { 1, 2, 3 })
        {
            runs.Add(await CompleteAsync(cluster.Spec() with { Workers = workers, OutputDirectory = cluster.NewFolder() }));
        }

        Assert.Equal(runs[0].WeightsSha256, Assert.Single(runs.Select(run => run.WeightsSha256).Distinct()));
        Assert.Equal(("everywhere", "mine", "curvature"), (runs[0].Spec.Dataset, runs[0].Spec.Architecture, runs[0].Spec.Loss));
        Assert.Contains("writtenGate", runs[0].Spec.Network, StringComparison.Ordinal);
        Assert.True(runs[0].Curvature > 0);
        var tensors = ModelFile.Read(runs[0].ModelPath).Content.Tensors;
        Assert.Equal([4L], tensors["1.slope"].Shape);
        Assert.Equal([4L], tensors["1.shift"].Shape);
        Assert.NotEqual([.. Enumerable.Repeat(0.5f, 4)], tensors["1.slope"].Values<float>().ToArray());
    }

    [Fact]
    public async Task Run_WithTheSecondDerivativeLeftToLibtorch_HasOneHashAndGoesOnFromASnapshot()
    {
        var spec = cluster.Spec(architecture: "gated") with { Loss = "curvature+gradnorm" };

        var one = await CompleteAsync(spec with { Workers = 1, OutputDirectory = cluster.NewFolder() });
        var two = await CompleteAsync(spec);
        var paused = Assert.IsType<RunCancelled>(await EndAsync(spec with { PauseAfterEpoch = 1, OutputDirectory = cluster.NewFolder() }));
        var resumed = await CompleteAsync(spec with { ResumeFrom = paused.Snapshot, OutputDirectory = cluster.NewFolder() });

        Assert.Equal(one.WeightsSha256, two.WeightsSha256);
        Assert.Equal(one.WeightsSha256, resumed.WeightsSha256);
    }

    [Theory]
    [InlineData("rare", "mine")]
    [InlineData("everywhere", "gated")]
    public async Task Run_ThatOneSiloLacksSomethingOf_TrainsOnTheOther(string dataset, string architecture)
    {
        var run = await cluster.Client.StartAsync(cluster.Spec(dataset, architecture), Token);
        var started = Assert.IsType<RunStarted>((await run.EventsAsync())[0]);

        var silos = await cluster.Client.ListSilosAsync(Token);
        Assert.All(started.Ranks, rank => Assert.Equal(cluster.Names.Full, silos.Single(silo => silo.Silo == rank.Silo).Name));
    }

    [Fact]
    public async Task Run_OfANetworkThatOneSiloHas_TrainsOnBoth()
    {
        var run = await cluster.Client.StartAsync(cluster.Spec(architecture: "seldom") with { Workers = 4 }, Token);
        var events = await run.EventsAsync();

        Assert.IsType<RunCompleted>(events[^1]);
        Assert.Equal(2, ((RunStarted)events[0]).Ranks.Select(rank => rank.Silo).Distinct().Count());
    }

    [Fact]
    public async Task Run_TooLargeForTheSilosThatHaveItsData_IsRefusedByWhatTheOthersLack()
    {
        var failed = Assert.IsType<RunFailed>(await EndAsync(cluster.Spec("rare", "gated") with { Workers = 3 }));

        Assert.Contains(
            $"needs 3 slots; the silos that can train it have 2; silo '{cluster.Names.Partial}' lacks the data set 'rare' and the operation 'gate'. Use fewer workers, or add what is lacking to the program of every silo",
            failed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_OfNamesThatNoSiloHas_IsRefusedWithWhatEachHas()
    {
        var refused = await Assert.ThrowsAsync<InvalidSpecException>(() => cluster.Client.StartAsync(cluster.Spec("everywere", "main"), Token));

        var (full, partial) = cluster.Names;
        var (data, network) = (refused.Problems.Single(problem => problem.Field == "Dataset").Message, refused.Problems.Single(problem => problem.Field == "Architecture").Message);
        Assert.StartsWith("unknown data set 'everywere', expected one of digits, mnist,", data, StringComparison.Ordinal);
        Assert.Contains("did you mean 'everywhere'?", data, StringComparison.Ordinal);
        Assert.Contains($"silo '{full}' adds everywhere, unlike, failing, rare, silo '{partial}' adds everywhere, unlike, failing: add it with AddDataSet to the program of every silo", data, StringComparison.Ordinal);
        Assert.Contains($"silo '{partial}' adds mine, unlike: add it with AddNetwork", network, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_OfANetworkWithAnUnknownOperation_IsRefusedByItsPlace()
    {
        const string Network = """{"name":"theirs","layers":[{"conv":{"channels":4}},{"gait":{"start":"1"}},"globalAveragePool","flatten",{"linear":{"features":"classes"}}]}""";

        var refused = await Assert.ThrowsAsync<InvalidSpecException>(() => cluster.Client.StartAsync(cluster.Spec(architecture: "theirs") with { Network = Network, Loss = "ce" }, Token));
        var wrong = await Assert.ThrowsAsync<InvalidSpecException>(() => cluster.Client.StartAsync(
            cluster.Spec(architecture: "theirs") with { Network = Network.Replace("gait", "gate", StringComparison.Ordinal).Replace("\"1\"", "\"much\"", StringComparison.Ordinal), Loss = "ce" }, Token));

        Assert.Matches("^layers\\[1\\]: unknown layer 'gait', expected one of .*; did you mean 'gate'\\?; of operations, silo '.*' adds .*gate.*: add it with AddOperation", Assert.Single(refused.Problems).Message);
        Assert.Equal("layers[1].gate.start: expected a number from -10 to 10, got 'much'", Assert.Single(wrong.Problems).Message);
    }

    [Fact]
    public async Task Run_OfANameThatSilosUnderstandDifferently_IsRefusedByBoth()
    {
        var network = await Assert.ThrowsAsync<InvalidSpecException>(() => cluster.Client.StartAsync(cluster.Spec(architecture: "unlike"), Token));
        var data = Assert.IsType<RunFailed>(await EndAsync(cluster.Spec("unlike") with { Workers = 4 }));

        Assert.Matches("^silos '.*' and '.*' have different networks under the name 'unlike'; start both with the same program$", network.Problems[0].Message);
        Assert.Contains("have another libtorch, device, data set or operation than rank 0", data.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_OfADataSetWhoseProgramFails_SaysWhatItSaid()
    {
        var failed = Assert.IsType<RunFailed>(await EndAsync(cluster.Spec("failing") with { Workers = 1 }));

        Assert.True(failed.BadInput);
        Assert.Contains("data set 'failing': expected one made by the silo's program, got InvalidOperationException: no disk. Mend what is passed to AddDataSet", failed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sweep_OverNamesThatOnlySilosKnow_TrainsThemAndRefusesOthers()
    {
        const string File = """
            base: {dataset: everywhere, epochs: 1, workers: 1, batchSize: 16, curvatureSamples: 0, threads: 1}
            parameters:
              arch: {values: [mine, seldom]}
            """;
        var spec = SweepFile.Parse(File, names: KnownNames.OfAnyCluster);
        var sizes = SweepFile.Parse(File.Replace("arch: {values: [mine, seldom]}", "network.width: {values: [4, 6]}", StringComparison.Ordinal)
            .Replace("{dataset", "{arch: mine, dataset", StringComparison.Ordinal), names: KnownNames.OfAnyCluster);

        var sweep = await cluster.Client.StartSweepAsync(spec with { OutputDirectory = cluster.NewFolder() }, Token);
        var completed = Assert.IsType<SweepCompleted>(await sweep.WaitAsync(Token));
        var sized = Assert.IsType<SweepCompleted>(await (await cluster.Client.StartSweepAsync(sizes with { OutputDirectory = cluster.NewFolder() }, Token)).WaitAsync(Token));
        var refused = await Assert.ThrowsAsync<InvalidSpecException>(() => cluster.Client.StartSweepAsync(
            SweepFile.Parse(File.Replace("seldom", "seldon", StringComparison.Ordinal), names: KnownNames.OfAnyCluster) with { OutputDirectory = cluster.NewFolder() }, Token));

        Assert.All([.. completed.Trials, .. sized.Trials], trial => Assert.Equal(TrialState.Completed, trial.State));
        Assert.Equal((2, 2), (completed.Trials.Count, sized.Trials.Count));
        Assert.Contains("got 'seldon'; did you mean 'seldom'?", Assert.Single(refused.Problems).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidSweepException>(() => SweepFile.Parse(File));
    }

    [Fact]
    public async Task Silos_OfThisRelease_SayWhichFieldsOfARunTheyKnow()
    {
        var silos = await cluster.Client.ListSilosAsync(Token);
        var needs = new RunNeeds(null, [], [42]);

        Assert.All(silos, silo => Assert.Equal(RunSpecFields.All, silo.Offer!.SpecFields));
        Assert.All(silos, silo => Assert.Null(needs.LackOf(silo)));
        Assert.Equal("the option 'emaDecay', which its release does not know", needs.LackOf(silos[0] with { Offer = null }));
        Assert.Equal([.. RunSpecFields.Set(cluster.Spec() with { EmaDecay = 0.9 }).Except(RunSpecFields.Set(cluster.Spec()))], new uint[] { 42 });
    }

    private async Task<RunEvent> EndAsync(RunSpec spec) => await (await cluster.Client.StartAsync(spec, Token)).EndAsync();

    private async Task<RunCompleted> CompleteAsync(RunSpec spec) => await EndAsync(spec) is var end && end is RunCompleted completed ? completed : throw new InvalidOperationException($"{end}");
}
