using Lcnn.Distributed.ClusterTests.Placement;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.ClusterTests.Runs;

public sealed class WaitingTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lcnn-waiting-").FullName;
    private SlotCluster _cluster = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _cluster = await SlotCluster.StartAsync(1);

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Run_MoreWorkersThanTheCluster_IsRefused()
    {
        await Coordinator("large").StartAsync(TooLarge("large"), Token);

        var failed = Assert.IsType<RunFailed>(await _cluster.Client.Find("large").EndAsync());

        Assert.True(failed.BadInput);
        Assert.Contains("needs 3 slots; the whole cluster has 2", failed.Error, StringComparison.Ordinal);
    }

    // Its random part happens to have no letters, which makes it look like a trial's.
    [Fact]
    public async Task Run_IdAllDecimal_IsARunOfItsOwn()
    {
        const string id = "run-20260101-120000-12345678";
        await Coordinator(id).StartAsync(TooLarge(id), Token);

        var failed = Assert.IsType<RunFailed>(await _cluster.Client.Find(id).EndAsync());

        Assert.True(failed.BadInput);
        Assert.False((await _cluster.Client.ListRunsAsync(cancellationToken: Token)).Single(run => run.RunId == id).IsTrial());
    }

    [Fact]
    public async Task Trial_MoreWorkersThanTheCluster_Waits()
    {
        await Coordinator("study-0001").StartTrialAsync(TooLarge("study-0001"), new TrialOrigin("study", 1), Token);
        var trial = _cluster.Client.Find("study-0001");

        var waiting = await trial.FirstAsync<RunWaiting>();

        Assert.Equal("waits for 3 free slots of 2 on 1 silos", waiting.Reason);
        Assert.Equal(waiting.Reason, (await trial.GetStatusAsync(Token)).Waiting);
        Assert.Empty(await trial.GetRanksAsync(Token));
        await trial.CancelAsync("seen enough", Token);
        Assert.IsType<RunCancelled>(await trial.EndAsync());
        Assert.Null((await trial.GetStatusAsync(Token)).Waiting);
    }

    [Fact]
    public async Task Trial_BehindAnotherThatWaits_SaysSo()
    {
        Assert.NotNull(await _cluster.AskAsync("running", 1, 1, submitted: 0));
        await Coordinator("earlier-0001").StartTrialAsync(Fitting("earlier-0001"), new TrialOrigin("earlier", 1), Token);
        await _cluster.Client.Find("earlier-0001").FirstAsync<RunWaiting>();
        await Coordinator("later-0001").StartTrialAsync(Fitting("later-0001"), new TrialOrigin("later", 1), Token);

        var waiting = await _cluster.Client.Find("later-0001").FirstAsync<RunWaiting>();

        Assert.Equal("waits for 2 free slots of 2 on 1 silos; others are held by running; before it come earlier-0001", waiting.Reason);
        foreach (var id in new[] { "later-0001", "earlier-0001" })
        {
            await _cluster.Client.Find(id).CancelAsync("seen enough", Token);
        }
    }

    // Its sweep asks for 30 s; a wait that began anew whenever it ended a moment early was longer.
    [Fact]
    public async Task Progress_NothingHappens_IsAnsweredBeforeTheCallerGivesUp()
    {
        await Coordinator("study-0002").StartTrialAsync(TooLarge("study-0002"), new TrialOrigin("study", 2), Token);

        var progress = await Coordinator("study-0002").GetProgressAsync(afterEpoch: 0, Token);

        Assert.Empty(progress.Epochs);
        Assert.Null(progress.Final);
        await _cluster.Client.Find("study-0002").CancelAsync("seen enough", Token);
    }

    private IRunCoordinatorGrain Coordinator(string id) => _cluster.Grains.GetGrain<IRunCoordinatorGrain>(id);

    private RunSpec TooLarge(string id) => Fitting(id) with { Workers = SlotCluster.SlotsPerSilo + 1 };

    private RunSpec Fitting(string id) =>
        Recipes.Default() with { Workers = SlotCluster.SlotsPerSilo, LogicalShards = 4, OutputDirectory = Path.Combine(_folder, id) };
}
