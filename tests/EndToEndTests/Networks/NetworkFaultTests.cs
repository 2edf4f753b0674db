using System.Diagnostics;
using Lcnn.Distributed.EndToEndTests.Clusters;

namespace Lcnn.Distributed.EndToEndTests.Networks;

/// <summary>Links between hosts that fail in silence: the run ends with the bits of an undisturbed one.</summary>
public sealed class NetworkFaultTests
{
    private const string Store = "store"; // Redis and the client
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
        using var certificates = await ClusterCertificates.CreateAsync();
        await using var run = await DisturbedRun.StartOnAsync(network, certificates, Training.Digits, Store, "a", "b");
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

    [Fact]
    public async Task Streams_LargeFramesVanish_GoOnInSmallOnes()
    {
        TestTier.SkipUnlessLong();
        await using var network = TestNetwork.Create(Store, "a", "b");
        using var certificates = await ClusterCertificates.CreateAsync();
        await using var run = await DisturbedRun.StartOnAsync(network, certificates, Training.Digits, Store, "a", "b");
        await run.WaitForStepAsync(30);

        network.ShrinkLink("b", 1400);

        await run.AssertUndisturbedResultAsync();
    }

    [Fact]
    public async Task Silo_ItsCableIsPulled_TheOthersGoOnWithinSeconds()
    {
        await using var network = TestNetwork.Create(Store, "a", "b", "c");
        using var certificates = await ClusterCertificates.CreateAsync();
        await using var run = await DisturbedRun.StartOnAsync(network, certificates, Training.Digits, Store, "a", "b", "c");
        await run.WaitForStepAsync(30);
        var lost = run.Silos.ToList().IndexOf(run.Roles().Other);
        var start = Stopwatch.GetTimestamp();

        network.Unplug(((string[])["a", "b", "c"])[lost]);

        await run.Train.WaitForEventAsync("generation");
        TestContext.Current.TestOutputHelper?.WriteLine($"{Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s to the next generation");
        await run.AssertUndisturbedResultAsync();
    }

    private static bool IsNotice(string line) =>
        line.Contains("broke", StringComparison.Ordinal) || line.Contains("given up", StringComparison.Ordinal) || line.Contains("is gone from the cluster", StringComparison.Ordinal);
}
