using Lcnn.Distributed.ClusterTests.Placement;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.ClusterTests.Sweeps;

/// <summary>Sweeps that want more slots than there are.</summary>
[Collection(nameof(OwnTraining))]
public sealed class SweepFairnessTests : IDisposable
{
    private const int Trials = 8;

    private readonly string _folder = Directory.CreateTempSubdirectory("lcnn-fairness-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task TwoSweeps_OneWithManyMoreTrialsAtOnce_FinishTrialsAlternately()
    {
        await using var cluster = await SlotCluster.StartAsync(1);

        var (greedy, modest) = await CompleteBothAsync(cluster, Sweep("greedy", workers: 1, atOnce: Trials), Sweep("modest", workers: 1, atOnce: 2));

        // Until the modest one's first run has asked for slots the greedy one is alone; what is left when one has ended is alone, too.
        var ends = Merge<TrialCompleted>(greedy, modest);
        var alone = ends.AsEnumerable().Reverse().TakeWhile(end => end == ends[^1]).Count();
        var lead = 0;
        foreach (var isGreedy in ends.Take(ends.Count - alone).SkipWhile(isGreedy => isGreedy))
        {
            lead += isGreedy ? 1 : -1;
            Assert.True(Math.Abs(lead) <= 3, $"one sweep is {lead} trials ahead: {Describe(ends)}");
        }
    }

    [Fact]
    public async Task TrialOfTheWholeCluster_BesideManySmallOnes_StartsAfterAFewOfThem()
    {
        await using var cluster = await SlotCluster.StartAsync(1);

        var (small, large) = await CompleteBothAsync(
            cluster, Sweep("small", workers: 1, atOnce: Trials), Sweep("large", workers: SlotCluster.SlotsPerSilo, atOnce: 1, trials: 2));

        // Its own first trial and those that run or were granted before it asked are all it waits for.
        var ends = Merge<TrialCompleted>(small, large);
        Assert.True(ends.TakeWhile(isSmall => isSmall).Count() <= 4, $"the first large trial came late: {Describe(ends)}");
        Assert.True(ends.SkipWhile(isSmall => isSmall).Skip(1).TakeWhile(isSmall => isSmall).Count() <= 4, $"the second large trial came late: {Describe(ends)}");
    }

    [Fact]
    public async Task TwoSweeps_OfGangsThatSpanSilos_BothComeToTheirEnd()
    {
        await using var cluster = await SlotCluster.StartAsync(2);

        var (first, second) = await CompleteBothAsync(
            cluster, Sweep("first", workers: 3, atOnce: 3, trials: 3), Sweep("second", workers: 3, atOnce: 3, trials: 3));

        Assert.All([first, second], events => Assert.Equal(3, events.Count(next => next is TrialCompleted { Trial.Attempts: 1 })));
    }

    [Fact]
    public async Task Sweep_OfTrialsLargerThanTheCluster_IsRefusedAtItsStart()
    {
        await using var cluster = await SlotCluster.StartAsync(1);

        var refused = await Assert.ThrowsAsync<InvalidSpecException>(
            () => cluster.Client.StartSweepAsync(Sweep("wide", workers: SlotCluster.SlotsPerSilo + 1, atOnce: 1), Token));

        Assert.EndsWith($"slots, the cluster has {SlotCluster.SlotsPerSilo}; start more silos or lower workers", Assert.Single(refused.Problems).Message, StringComparison.Ordinal);
    }

    private SweepSpec Sweep(string name, int workers, int atOnce, int trials = Trials) => new()
    {
        Base = Recipes.Default() with
        {
            Epochs = 1,
            BatchSize = 32,
            LogicalShards = 4,
            Workers = workers,
            ThreadsPerWorker = 1,
            TrainLimit = 64,
            CurvatureSamples = 0,
            Schedule = "constant",
        },
        Parameters = [ParameterSpec.LogBetween("lr", 0.01, 0.1)],
        Sampler = new SamplerSpec { Kind = "random" },
        MaxTrials = trials,
        MaxConcurrent = atOnce,
        OutputDirectory = Path.Combine(_folder, name),
    };

    private static async Task<(List<SweepEvent> First, List<SweepEvent> Second)> CompleteBothAsync(SlotCluster cluster, SweepSpec first, SweepSpec second)
    {
        var client = cluster.Client;
        var sweeps = new[] { await client.StartSweepAsync(first, Token), await client.StartSweepAsync(second, Token) };
        var events = await Task.WhenAll(sweeps.Select(sweep => sweep.WatchAsync(0, Token).ToListAsync(Token).AsTask())).WaitAsync(RunWatch.Patience, Token);
        Assert.All(events, log => Assert.IsType<SweepCompleted>(log[^1]));
        return (events[0], events[1]);
    }

    // In the order in which they happened, whether the first sweep's.
    private static List<bool> Merge<TEvent>(List<SweepEvent> first, List<SweepEvent> second)
        where TEvent : SweepEvent =>
        [.. first.Concat(second).OfType<TEvent>().OrderBy(next => next.Time).Select(next => next.SweepId == first[0].SweepId)];

    private static string Describe(List<bool> ends) => string.Concat(ends.Select(isFirst => isFirst ? '1' : '2'));
}
