using System.Diagnostics;
using Lcnn.Distributed.EndToEndTests.Clusters;

namespace Lcnn.Distributed.EndToEndTests.Networks;

/// <summary>Links between hosts that fail in silence: the run ends with the bits of an undisturbed one.</summary>
public sealed class NetworkFaultTests
{
    private const string Store = "store"; // Redis and the client
    private const int StreamPort = 7001;
    private static readonly TimeSpan _absence = TimeSpan.FromSeconds(80); // besides the time in which it is declared dead
    private static readonly TimeSpan _stop = TimeSpan.FromSeconds(30); // 3 s on a machine with time to spare
    private static readonly TimeSpan _noticed = TimeSpan.FromSeconds(60); // 8 s on a machine with time to spare; without care it is the stall timeout's 120

    /// <summary>Both silos still reach Redis and the client.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Streams_FramesBetweenSilosVanish_AreNoticedSoonAndTheRunGoesOn(bool bothWays)
    {
        if (!bothWays)
        {
            TestTier.SkipUnlessLong();
        }

        await using var network = TestNetwork.Create(Store, "a", "b");
        await using var run = await DisturbedRun.StartOnAsync(network, Training.Digits, Store, "a", "b");
        await run.WaitForStepAsync(30);
        var start = Stopwatch.GetTimestamp();

        if (bothWays)
        {
            network.Part("a", "b");
        }
        else
        {
            network.PartOneWay("a", "b");
        }

        var line = await (await Task.WhenAny(run.Silos.Select(silo => silo.Process.WaitForErrorAsync(IsNotice))));
        var after = Stopwatch.GetElapsedTime(start);
        TestContext.Current.TestOutputHelper?.WriteLine($"after {after.TotalSeconds:0.0} s: {line}");
        Assert.InRange(after, TimeSpan.Zero, _noticed);
        await run.AssertUndisturbedResultAsync();
    }

    [Theory]
    [InlineData(5, true)]
    [InlineData(5, false)]
    [InlineData(60, true)]
    [InlineData(60, false)]
    public async Task Streams_FramesBetweenSilosVanishForAWhile_TheRunGoesOn(int seconds, bool bothWays)
    {
        TestTier.SkipUnlessLong();
        await using var network = TestNetwork.Create(Store, "a", "b");
        await using var run = await DisturbedRun.StartOnAsync(network, Training.Digits, Store, "a", "b");
        await run.WaitForStepAsync(30);
        var start = Stopwatch.GetTimestamp();

        (bothWays ? (Action<string, string>)network.Part : network.PartOneWay)("a", "b");
        await Task.Delay(TimeSpan.FromSeconds(seconds), TestContext.Current.CancellationToken); // the fault itself takes that long
        (bothWays ? (Action<string, string>)network.Join : network.JoinOneWay)("a", "b");

        await run.AssertUndisturbedResultAsync();
        Say($"{Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s from the cut to the end; {string.Join(" | ", Notices(run))}");
    }

    [Fact]
    public async Task Streams_TheirPortIsShutInSilence_GoOnByGrainsAndSaySo()
    {
        TestTier.SkipUnlessLong();
        await using var network = TestNetwork.Create(Store, "a", "b");
        await using var run = await DisturbedRun.StartOnAsync(network, Training.Digits, ["--stream-port", $"{StreamPort}"], [Store, "a", "b"]);
        await run.WaitForStepAsync(30);
        var start = Stopwatch.GetTimestamp();

        network.Block("a", StreamPort);
        network.Block("b", StreamPort);

        var line = await (await Task.WhenAny(run.Silos.Select(silo => silo.Process.WaitForErrorAsync(IsNotice))));
        var after = Stopwatch.GetElapsedTime(start);
        Say($"after {after.TotalSeconds:0.0} s: {line}");
        Assert.InRange(after, TimeSpan.Zero, _noticed);
        Assert.Empty(await run.AssertUndisturbedResultAsync());
        Say(string.Join(" | ", Notices(run)));
    }

    [Fact]
    public async Task Streams_LargeFramesVanish_GoOnInSmallOnes()
    {
        TestTier.SkipUnlessLong();
        await using var network = TestNetwork.Create(Store, "a", "b");
        await using var run = await DisturbedRun.StartOnAsync(network, Training.Digits, Store, "a", "b");
        await run.WaitForStepAsync(30);

        network.ShrinkLink("b", 1400);

        await run.AssertUndisturbedResultAsync();
    }

    [Fact]
    public async Task Silo_ItsCableIsPulled_TheOthersGoOnWithinSeconds()
    {
        await using var network = TestNetwork.Create(Store, "a", "b", "c");
        await using var run = await DisturbedRun.StartOnAsync(network, Training.Digits, Store, "a", "b", "c");
        await run.WaitForStepAsync(30);
        var lost = run.Silos.ToList().IndexOf(run.Roles().Other);
        var start = Stopwatch.GetTimestamp();

        network.Unplug(((string[])["a", "b", "c"])[lost]);

        await run.Train.WaitForEventAsync("generation");
        TestContext.Current.TestOutputHelper?.WriteLine($"{Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s to the next generation");
        await run.AssertUndisturbedResultAsync();
    }

    [Fact]
    public async Task Silo_ItsHostVanishesAndComesBack_SaysAtOnceThatItIsOutAndStops()
    {
        TestTier.SkipUnlessLong();
        await using var network = TestNetwork.Create(Store, "a", "b", "c");
        await using var run = await DisturbedRun.StartOnAsync(network, Training.Digits, Store, "a", "b", "c");
        await run.WaitForStepAsync(30);
        var (coordinator, lost) = run.Roles();
        var host = ((string[])["a", "b", "c"])[run.Silos.ToList().IndexOf(lost)];

        network.Unplug(host);
        await coordinator.WaitForLossAsync(lost);
        await Task.Delay(_absence, TestContext.Current.CancellationToken); // the fault itself takes that long
        network.Plug(host);
        var start = Stopwatch.GetTimestamp();

        await lost.Process.WaitForErrorAsync(line => line.Contains("declared dead by the others", StringComparison.Ordinal));
        var told = Stopwatch.GetElapsedTime(start);
        Assert.True(await lost.WaitForExitAsync() == 1, $"{lost.Process}");
        var ended = Stopwatch.GetElapsedTime(start);
        TestContext.Current.TestOutputHelper?.WriteLine($"told after {told.TotalSeconds:0.0} s, ended after {ended.TotalSeconds:0.0} s");
        Assert.InRange(ended - told, TimeSpan.Zero, _stop);
        await run.AssertUndisturbedResultAsync();
    }

    private static IEnumerable<string> Notices(DisturbedRun run) => run.Silos.SelectMany(silo => silo.Process.Error).Where(IsNotice);

    private static void Say(string line) => TestContext.Current.TestOutputHelper?.WriteLine(line);

    private static bool IsNotice(string line) =>
        line.Contains("broke", StringComparison.Ordinal) || line.Contains("given up", StringComparison.Ordinal) || line.Contains("is gone from the cluster", StringComparison.Ordinal);
}
