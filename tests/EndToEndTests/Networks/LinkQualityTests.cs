using System.Diagnostics;
using Lcnn.Distributed.EndToEndTests.Clusters;

namespace Lcnn.Distributed.EndToEndTests.Networks;

/// <summary>Networks that are slow, long, noisy, narrow or of another kind, but whole: the run ends with the same bits.</summary>
public sealed class LinkQualityTests
{
    private const string Store = "store"; // Redis and the client

    /// <param name="milliseconds">From one host to another.</param>
    /// <param name="loss">Share of frames on each of the two cables between them.</param>
    [Theory]
    [InlineData(5, 0)]
    [InlineData(20, 0)]
    [InlineData(0.2, 0.01)]
    public async Task Run_OverLongOrNoisyCables_EndsWithTheSameBits(double milliseconds, double loss)
    {
        TestTier.SkipUnlessLong();
        var quality = new LinkQuality(TimeSpan.FromMilliseconds(milliseconds / 2), loss); // two cables are between two hosts
        await using var network = TestNetwork.Create(quality, isIPv6: false, Store, "a", "b");
        await AssertUndisturbedAsync(network);
    }

    [Theory]
    [InlineData("100mbit")]
    [InlineData("1gbit")]
    public async Task Run_OverNarrowCables_EndsWithTheSameBits(string rate)
    {
        TestTier.SkipUnlessLong();
        await using var network = TestNetwork.Create(Store, "a", "b");
        network.LimitRate("a", rate);
        network.LimitRate("b", rate);
        await AssertUndisturbedAsync(network);
    }

    [Fact]
    public async Task Run_OverIPv6Alone_EndsWithTheSameBits()
    {
        TestTier.SkipUnlessLong();
        await using var network = TestNetwork.Create(quality: null, isIPv6: true, Store, "a", "b");
        await AssertUndisturbedAsync(network);
    }

    [Fact]
    public async Task Run_HostsWithOtherLargestFrames_EndsWithTheSameBits()
    {
        TestTier.SkipUnlessLong();
        await using var network = TestNetwork.Create(Store, "a", "b");
        network.LimitFrames("a", 1280);
        await AssertUndisturbedAsync(network);
    }

    private static async Task AssertUndisturbedAsync(TestNetwork network)
    {
        await using var run = await DisturbedRun.StartOnAsync(network, Training.Digits, Store, "a", "b");
        await run.WaitForStepAsync(10);
        var start = Stopwatch.GetTimestamp();
        var changes = await run.AssertUndisturbedResultAsync();
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s for the steps after the tenth, {changes.Count} changes of membership");
    }
}
