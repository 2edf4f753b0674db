using Lcnn.Distributed.Contracts.Cluster;
using Lcnn.Distributed.Grains.Placement;
using Microsoft.Extensions.Time.Testing;

namespace Lcnn.Distributed.UnitTests.Grains.Placement;

public sealed class GangPlacementTests
{
    private static readonly TimeSpan _queueTimeout = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(0.2);

    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);

    private readonly FakeTimeProvider _clock = new();
    private readonly FakeSilos _silos;
    private readonly GangQueue _queue;
    private readonly GangPlacement _placement;

    public GangPlacementTests()
    {
        _silos = new FakeSilos(_clock);
        _queue = new GangQueue(_queueTimeout, _clock);
        _placement = new GangPlacement(_queue, _silos, _interval, _clock);
    }

    [Fact]
    public async Task Request_SeveralSilos_TakesAsFewAsWillDo()
    {
        _silos.Add("a", 2);
        _silos.Add("b", 4);
        _silos.Add("c", 4);
        _silos.Add("d", 3);

        Assert.Equal(["b0", "b1", "b2", "b3", "c0", "c1"], Names(await AskAsync("run", 6, 6)));
    }

    [Fact]
    public async Task Request_FewerThanMost_TakesWhatIsFree()
    {
        _silos.Add("a", 2);
        _silos.Add("b", 1);
        await AskAsync("first", 1, 1);

        Assert.Equal(["a1", "b0"], Names(await AskAsync("second", 1, 8)));
    }

    [Fact]
    public async Task Request_DrainingOrAvoidedSilo_IsNotUsed()
    {
        _silos.Add("a", 4).Drain();
        _silos.Add("b", 4);
        _silos.Add("c", 2);

        Assert.Equal(["c0", "c1"], Names(await AskAsync("run", 1, 4, avoid: "b")));
    }

    [Fact]
    public async Task Request_Repeated_GivesTheSameGrant()
    {
        _silos.Add("a", 2);
        _silos.Add("b", 2);
        var first = await AskAsync("run", 2, 4);
        _silos.Ledgers["b"].Drain(); // changes nothing for those it has
        using var lease = await _silos.Ledgers["b"].TakeAsync(first![3], new SlotHolder("run", 1, 3), TestContext.Current.CancellationToken);

        Assert.Equal(Names(first), Names(await AskAsync("run", 2, 4)));
        Assert.Equal(Names(first), Names(await new GangPlacement(new GangQueue(_queueTimeout, _clock), _silos, _interval, _clock).RequestAsync(
            Request("run", 2, 4), TestContext.Current.CancellationToken)));
    }

    [Fact]
    public async Task Request_PartOfTheGrantIsGone_GrantsAWholeGangAnew()
    {
        _silos.Add("a", 2);
        _silos.Add("b", 2);
        await AskAsync("run", 4, 4);
        _silos.Ledgers.Remove("a");
        _silos.Add("c", 4);

        Assert.Equal(["c0", "c1", "c2", "c3"], Names(await AskAsync("run", 4, 4)));
        Assert.Equal(4, _silos.Holders().Count());
    }

    [Fact]
    public async Task Request_RepeatedWhileASiloIsSilent_NeitherShrinksNorLosesTheGrant()
    {
        _silos.Add("a", 2);
        _silos.Add("b", 2);
        var first = await AskAsync("run", 1, 4);

        _silos.Silent.Add("b");
        Assert.Null(await AskAsync("run", 1, 4));
        _silos.Silent.Clear();

        Assert.Equal(Names(first), Names(await AskAsync("run", 1, 4)));
    }

    [Fact]
    public async Task Request_SlotsHeldByOthers_WaitsAndHoldsNothing()
    {
        _silos.Add("a", 2);
        _silos.Add("b", 2);
        await AskAsync("first", 3, 3);

        Assert.Null(await AskAsync("second", 2, 2));

        Assert.Equal(3, _silos.Holders().Count());
        _silos.Ledgers["a"].Release("first", 1);
        Assert.NotNull(await AskAsync("second", 2, 2));
    }

    [Fact]
    public async Task Request_LargeGangWaits_HoldsUpSmallerOnesBehindIt()
    {
        _silos.Add("a", 4);
        await AskAsync("first", 2, 2);
        Assert.Null(await AskAsync("large", 4, 4, submitted: 1));

        Assert.Null(await AskAsync("small", 1, 1, submitted: 2));
        Assert.NotNull(await AskAsync("early", 1, 1, submitted: 0));

        Release("first", "early");
        Assert.Null(await AskAsync("small", 1, 1, submitted: 2));
        Assert.NotNull(await AskAsync("large", 4, 4, submitted: 1));
    }

    [Fact]
    public async Task Place_NotAskedForAgainOrWithdrawn_Lapses()
    {
        _silos.Add("a", 2);
        await AskAsync("first", 1, 1);
        Assert.Null(await AskAsync("large", 2, 2, submitted: 1));
        _clock.Advance(_queueTimeout / 2);
        Assert.Null(await AskAsync("large", 2, 2, submitted: 1));
        _clock.Advance(_queueTimeout / 2);
        Assert.Null(await AskAsync("small", 1, 1, submitted: 2));

        _clock.Advance(_queueTimeout / 2);
        Assert.NotNull(await AskAsync("small", 1, 1, submitted: 2));

        Release("small");
        Assert.Null(await AskAsync("large", 2, 2, submitted: 1));
        Assert.Null(await AskAsync("small", 1, 1, submitted: 2, generation: 2));
        _queue.Leave("large");
        Assert.NotNull(await AskAsync("small", 1, 1, submitted: 2, generation: 2));
    }

    [Fact]
    public async Task Request_WaitingForSilosThatAreNotThere_HoldsUpNobody()
    {
        _silos.Add("a", 2);
        _silos.Add("b", 2);
        Assert.Null(await AskAsync("first", 3, 3, avoid: "b"));

        Assert.NotNull(await AskAsync("second", 2, 2, submitted: 1));
    }

    [Fact]
    public async Task Request_NextGeneration_CountsItsOwnSlotsAsFreeEvenBehindOthers()
    {
        _silos.Add("a", 2);
        _silos.Add("b", 2);
        await AskAsync("run", 3, 3, submitted: 1);
        Assert.Null(await AskAsync("large", 2, 2));
        _silos.Ledgers.Remove("a");

        Assert.Equal(["b0"], Names(await AskAsync("run", 1, 3, submitted: 1, generation: 2)));
        Assert.Null(await AskAsync("run", 2, 3, submitted: 1, generation: 3));
    }

    [Fact]
    public async Task Request_MoreThanTheWholeCluster_IsTooLarge()
    {
        _silos.Add("a", 2);
        _silos.Add("b", 2);
        await AskAsync("other", 4, 4);

        var refused = await Assert.ThrowsAsync<GangTooLargeException>(() => AskAsync("run", 5, 8));

        Assert.Equal("Run run needs 5 slots; the whole cluster has 4. Use fewer workers, or start more silos", refused.Message);
        _silos.Ledgers["a"].Release("other", 1);
        Assert.NotNull(await AskAsync("behind", 1, 1, submitted: 1)); // the refused one holds up nobody
    }

    [Theory]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    [InlineData(false, false, true)]
    public async Task Request_MoreThanTheClusterAsFarAsItIsKnown_Waits(bool isGrowing, bool isSilent, bool isDraining)
    {
        _silos.Add("a", 2);
        _silos.Add("b", 2);
        if (isDraining)
        {
            _silos.Add("c", 8).Drain(); // most often to be replaced
        }

        _silos.IsGrowing = isGrowing;
        _silos.Silent.UnionWith(isSilent ? ["b"] : []);

        Assert.Null(await AskAsync("run", 5, 8));
    }

    [Fact]
    public async Task CountGranted_SlotsFree_AreThoseThatARequestGets()
    {
        _silos.Add("a", 2);
        _silos.Add("b", 2);
        await AskAsync("run", 1, 1);

        Assert.Equal(3, await CountAsync("run", 1, 3, generation: 2));
        Assert.Equal(2, await CountAsync("run", 1, 4, generation: 2, avoid: "b"));
        Assert.Single(_silos.Holders());
    }

    [Fact]
    public async Task CountGranted_AServeableGangIsAhead_FreeSlotsAreNotTheRuns()
    {
        _silos.Add("a", 2);
        _silos.Add("b", 2);
        await AskAsync("run", 2, 2, submitted: 1);
        await AskAsync("other", 1, 1, submitted: 1);
        Assert.Null(await AskAsync("large", 3, 3, submitted: 0));

        Assert.Equal(3, await CountAsync("run", 1, 4, submitted: -1, generation: 2));
        Assert.Equal(2, await CountAsync("run", 1, 4, submitted: 1, generation: 2));
    }

    [Fact]
    public async Task Request_UnlimitedSilo_ServesAnyGang()
    {
        _silos.Add("a", null);

        Assert.Equal(100, (await AskAsync("run", 100, 100))!.Count);
        Assert.Equal(8, (await AskAsync("other", 1, 8, submitted: 1))!.Count);
    }

    [Fact]
    public async Task Request_ASiloRefuses_ReleasesAllAndTriesAnotherWay()
    {
        _silos.Add("a", 2);
        _silos.Add("b", 2);
        _silos.Add("c", 2);
        _silos.Reserving = silo =>
        {
            if (silo == "b")
            {
                _silos.Ledgers["b"].Drain();
            }
        };

        Assert.Equal(["a0", "a1", "c0", "c1"], Names(await AskAsync("run", 4, 4)));
        Assert.Equal(4, _silos.Holders().Count());
    }

    [Fact]
    public async Task Request_EarlierGenerationThanOneThatAsked_IsRefused()
    {
        _silos.Add("a", 2);
        await AskAsync("other", 1, 1);
        Assert.Null(await AskAsync("run", 2, 2, generation: 3));
        await Assert.ThrowsAsync<SlotRefusedException>(() => AskAsync("run", 1, 2, generation: 2));

        Release("other");
        await AskAsync("run", 2, 2, generation: 3);

        await Assert.ThrowsAsync<SlotRefusedException>(() => AskAsync("run", 1, 2, generation: 2));
    }

    [Fact]
    public async Task Request_SlotsThatNobodyAheadMayUse_AreGivenToThoseBehind()
    {
        _silos.Add("a", 2);
        _silos.Add("b", 2);
        await AskAsync("first", 1, 1, avoid: "b");
        Assert.Null(await AskAsync("head", 2, 2, submitted: 1, avoid: "b"));

        Assert.Equal(["b0"], Names(await AskAsync("behind", 1, 1, submitted: 2)));
        Assert.Equal(["b1"], Names(await AskAsync("last", 1, 2, submitted: 3, avoid: "a")));
        Assert.Null(await AskAsync("more", 1, 1, submitted: 4));
        Release("first");
        Assert.Equal(["a0", "a1"], Names(await AskAsync("head", 2, 2, submitted: 1, avoid: "b")));
    }

    [Fact]
    public async Task Requests_ThatComeWhileSilosAreAsked_ShareTheNextRoundAndItsOrder()
    {
        _silos.Add("a", 2);
        var look = new TaskCompletionSource();
        _silos.Looking = look.Task;
        var first = AskAsync("first", 1, 1);
        var others = Enumerable.Range(1, 50).Reverse().Select(submitted => AskAsync($"run-{submitted}", 1, 1, submitted)).ToList();

        look.SetResult();
        Assert.Equal(["a0"], Names(await first));
        var granted = await Task.WhenAll(others);

        Assert.Equal(2, _silos.Looks);
        Assert.Equal(["a1"], Names(Assert.Single(granted, slots => slots is not null)));
        Assert.Same(granted[^1], granted.Single(slots => slots is not null)); // submitted first
    }

    [Fact]
    public Task Await_SlotThatIsFreed_IsGrantedInTheNextRoundToTheFirstOfAllThatWait() => InTurnsAsync(async () =>
    {
        _queue.Timeout = TimeSpan.MaxValue; // the clock may run ahead of those that wait
        _silos.Add("a", 1);
        await AskAsync("holder", 1, 1);
        var waiting = Enumerable.Range(1, 20).Select(submitted => AwaitAsync($"run-{submitted}", submitted)).ToList();
        _clock.Advance(_interval);
        Assert.Equal(2, _silos.Looks); // for the holder, and a round for all

        Release("holder");
        while (!waiting[0].IsCompleted)
        {
            _clock.Advance(_interval); // when those of the last round have come again
            await Task.Yield();
        }

        Assert.Equal(["a0"], Names(await waiting[0]));
        Assert.All(waiting.Skip(1), one => Assert.False(one.IsCompleted));
    });

    [Fact]
    public Task Await_WithdrawnOrOutOfPatience_IsToldToWait() => InTurnsAsync(async () =>
    {
        _queue.Timeout = TimeSpan.MaxValue;
        _silos.Add("a", 1);
        await AskAsync("holder", 1, 1);
        var (withdrawn, patient) = (AwaitAsync("withdrawn", 1), AwaitAsync("patient", 2, seconds: 5));

        _queue.Leave("withdrawn");
        while (!withdrawn.IsCompleted || !patient.IsCompleted)
        {
            _clock.Advance(_interval);
            await Task.Yield();
        }

        Assert.Null(await withdrawn);
        Assert.Null(await patient);
        Assert.True(_queue.Contains("patient"));
        Assert.False(_queue.Contains("withdrawn"));
    });

    private static IEnumerable<string> Names(IReadOnlyList<DeviceSlot>? slots) => slots!.Select(slot => $"{slot.Silo}{slot.Index}");

    private static GangRequest Request(string runId, int minimum, int maximum, int submitted = 0, int generation = 1, params string[] avoid) =>
        new(runId, generation, minimum, maximum, DateTimeOffset.UnixEpoch.AddSeconds(submitted), avoid);

    private Task<IReadOnlyList<DeviceSlot>?> AskAsync(
        string runId, int minimum, int maximum, int submitted = 0, int generation = 1, params string[] avoid) =>
        _placement.RequestAsync(Request(runId, minimum, maximum, submitted, generation, avoid), TestContext.Current.CancellationToken);

    private Task<IReadOnlyList<DeviceSlot>?> AwaitAsync(string runId, int submitted, double seconds = 1e7) =>
        _placement.AwaitAsync(Request(runId, 1, 1, submitted), TimeSpan.FromSeconds(seconds), TestContext.Current.CancellationToken);

    // One at a time, as a grain's turns are.
    private static async Task InTurnsAsync(Func<Task> test) => await (await Task.Factory.StartNew(
        test, TestContext.Current.CancellationToken, TaskCreationOptions.None, new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler)).WaitAsync(_patience);

    private Task<int> CountAsync(string runId, int minimum, int maximum, int submitted = 0, int generation = 1, params string[] avoid) =>
        _placement.CountGrantedAsync(Request(runId, minimum, maximum, submitted, generation, avoid), TestContext.Current.CancellationToken);

    private void Release(params string[] runs)
    {
        foreach (var (ledger, run) in _silos.Ledgers.Values.SelectMany(ledger => runs.Select(run => (ledger, run))))
        {
            ledger.Release(run, 1);
        }
    }
}
