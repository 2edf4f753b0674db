using System.Diagnostics;
using Lcnn.Distributed.EndToEndTests.Clusters;

namespace Lcnn.Distributed.EndToEndTests.Networks;

/// <summary>Silos that do not reach Redis any more, some of them or all: no worker is held to account for that, and the run ends with the bits of an undisturbed one.</summary>
public sealed class RedisCutTests
{
    private const string Store = "store"; // Redis
    private const string User = "user"; // the client
    private static readonly string[] _siloHosts = ["a", "b"];
    private static readonly TimeSpan _takenOver = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _told = TimeSpan.FromSeconds(60); // 5 s on a machine with time to spare, the program's start included; without care it is minutes
    private static readonly TimeSpan _longCut = TimeSpan.FromSeconds(30);

    // Three times exceeded by the cuts here: the time that the store holds up a run is no rank's stall.
    private static readonly string[] _impatient = ["--stall-timeout", "10"];

    [Fact]
    public async Task Redis_CutFromTheCoordinatorsSiloAlone_AnotherTakesOverAndNoStepIsLost()
    {
        TestTier.SkipUnlessLong();
        await using var network = TestNetwork.Create(Store, User, "a", "b");
        await using var run = await DisturbedRun.StartOnAsync(network, Training.Digits, _impatient, [Store, .. _siloHosts], User);
        await run.WaitForStepAsync(30);
        var (coordinator, other) = run.Roles();
        var start = Stopwatch.GetTimestamp();

        network.Part(Store, HostOf(run, coordinator));

        await other.WaitForRunsAsync(1);
        var after = Stopwatch.GetElapsedTime(start);
        Say($"{after.TotalSeconds:0.0} s to another coordinator");
        Assert.InRange(after, TimeSpan.Zero, _takenOver);
        await coordinator.Process.WaitForErrorAsync(line => line.Contains("This silo has not reached the store of records", StringComparison.Ordinal));
        Assert.Empty(await run.AssertUndisturbedResultAsync());
    }

    [Fact]
    public async Task Redis_CutFromASiloThatOnlyHasWorkers_NothingHappens()
    {
        TestTier.SkipUnlessLong();
        await using var network = TestNetwork.Create(Store, User, "a", "b");
        await using var run = await DisturbedRun.StartOnAsync(network, Training.Digits, _impatient, [Store, .. _siloHosts], User);
        await run.WaitForStepAsync(30);
        var (coordinator, other) = run.Roles();

        network.Part(Store, HostOf(run, other));

        Assert.Empty(await run.AssertUndisturbedResultAsync());
        Assert.Equal(1, coordinator.CoordinatedCount);
        Assert.False(other.HasCoordinated);
    }

    [Fact]
    public async Task Redis_CutFromEverySiloForLongerThanTheStallTimeout_NoRankIsLost()
    {
        TestTier.SkipUnlessLong();
        await using var network = TestNetwork.Create(Store, User, "a", "b");
        await using var run = await DisturbedRun.StartOnAsync(network, Training.Digits, _impatient, [Store, .. _siloHosts], User);
        await run.WaitForStepAsync(30);

        network.Unplug(Store);
        await Task.Delay(_longCut, TestContext.Current.CancellationToken); // the fault itself takes that long
        network.Plug(Store);

        Assert.Empty(await run.AssertUndisturbedResultAsync());
        Assert.True(run.Silos.Sum(silo => silo.CoordinatedCount) == 1, string.Join('\n', run.Silos.Select(silo => silo.Process)));
        Assert.All(run.Silos, silo => Assert.DoesNotContain(silo.Process.Error, line => line.Length > 300));
    }

    [Fact]
    public async Task Cancel_WhileNoSiloReachesRedis_SaysWhatItWaitsForAndIsDoneOnceRedisIsBack()
    {
        TestTier.SkipUnlessLong();
        await using var network = TestNetwork.Create(Store, User, "a", "b");
        await using var run = await DisturbedRun.StartOnAsync(network, Training.Digits, [], [Store, .. _siloHosts], User);
        var started = await run.Train.WaitForEventAsync("started");
        await run.WaitForStepAsync(10);
        var silo = run.Roles().Other;
        var host = HostOf(run, silo);
        network.Unplug(Store);
        var start = Stopwatch.GetTimestamp();

        await using var cancel = LcnnProcess.StartOn(
            network.On(host), Environment.CurrentDirectory, ["cancel", started.Text("runId")], ("LCNN_CLUSTER", $"lcnn://{network.AddressOf(host)}:{silo.Ready.Whole("gatewayPort")}"), ("LCNN_TLS", run.OperatorTls));
        var line = await cancel.WaitForErrorAsync(line => line.Contains("store of records", StringComparison.Ordinal));
        var after = Stopwatch.GetElapsedTime(start);
        Say($"after {after.TotalSeconds:0.0} s: {line}");
        Assert.InRange(after, TimeSpan.Zero, _told);

        network.Plug(Store);
        Assert.True(await cancel.WaitForExitAsync() == 0, $"{cancel}");
        await run.Train.WaitForExitAsync();
        Assert.Contains(run.Train.Events[^1].Kind, (string[])["cancelled", "completed"]); // training may have ended before the wish was stored
    }

    private static string HostOf(DisturbedRun run, SiloProcess silo) => _siloHosts[run.Silos.ToList().IndexOf(silo)];

    private static void Say(string line) => TestContext.Current.TestOutputHelper?.WriteLine(line);
}
