using System.Diagnostics;

namespace Lcnn.Distributed.EndToEndTests.Clusters;

/// <summary>A Redis that is away for a while, and one that has lost everything.</summary>
public sealed class RedisLossTests
{
    private static readonly TimeSpan _stop = TimeSpan.FromSeconds(10); // 14 s where work is handed over

    [Fact]
    public async Task Redis_Emptied_EverySiloStopsByName()
    {
        await using var redis = await RedisServer.StartAsync();
        using var folder = new TemporaryFolder();
        await using var first = await SiloProcess.StartAsync(redis.Address, folder.Path);
        await using var second = await SiloProcess.StartAsync(redis.Address, folder.Path);

        await redis.FlushAsync();

        foreach (var silo in new[] { first, second })
        {
            Assert.True(await silo.WaitForExitAsync() == 1, $"{silo.Process}");
            var error = Assert.Single(silo.Process.Error, line => line.StartsWith("error: ", StringComparison.Ordinal));
            Assert.StartsWith("error: the Redis of redis://127.0.0.1:", error, StringComparison.Ordinal);
            Assert.Contains("was emptied", error, StringComparison.Ordinal);
            Assert.Contains("--resume", error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Redis_AwayAndBack_TheSiloGoesOn()
    {
        await using var redis = await RedisServer.StartAsync();
        using var folder = new TemporaryFolder();
        await using var silo = await SiloProcess.StartAsync(redis.Address, folder.Path);

        await redis.KillAsync();
        await silo.Process.WaitForErrorAsync(line => line.Contains("cannot be reached", StringComparison.Ordinal));
        await redis.StartAgainAsync();
        await silo.Process.WaitForErrorAsync(line => line.Contains("is back", StringComparison.Ordinal));

        await using var train = LcnnProcess.Start(
            folder.Path, ["train", "--json", "--epochs", "1", "--curvature-samples", "0"], ("LCNN_CLUSTER", redis.Address));
        await train.CompletedAsync();
        silo.Terminate();
        Assert.True(await silo.WaitForExitAsync() == 0, $"{silo.Process}");
        Assert.Single(silo.Process.Error, line => line.Contains("cannot be reached", StringComparison.Ordinal));
        Assert.Single(silo.Process.Error, line => line.Contains("is back", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Silo_WithoutRedis_IsRefusedByName()
    {
        await using var silo = LcnnProcess.Start("silo", "--cluster", "redis://127.0.0.1:1");

        Assert.Equal(1, await silo.WaitForExitAsync());
        Assert.StartsWith("error: the Redis of redis://127.0.0.1:1 cannot be used: nothing answers there", Assert.Single(silo.Error), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Silo_HangsAndComesBack_StopsByName()
    {
        await using var redis = await RedisServer.StartAsync();
        using var folder = new TemporaryFolder();
        await using var first = await SiloProcess.StartAsync(redis.Address, folder.Path);
        await using var second = await SiloProcess.StartAsync(redis.Address, folder.Path);
        await first.WaitForJoinAsync(second);

        second.Stop();
        await first.WaitForLossAsync(second);
        second.Continue();

        var error = await second.Process.WaitForErrorAsync(line => line.StartsWith("error: ", StringComparison.Ordinal));
        var told = Stopwatch.GetTimestamp();
        Assert.True(await second.WaitForExitAsync() == 1, $"{second.Process}");
        Assert.Contains("declared dead by the others", error, StringComparison.Ordinal);
        Assert.InRange(Stopwatch.GetElapsedTime(told), TimeSpan.Zero, _stop);
    }
}
