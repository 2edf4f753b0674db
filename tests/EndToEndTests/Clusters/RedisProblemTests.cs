namespace Lcnn.Distributed.EndToEndTests.Clusters;

/// <summary>A Redis that is there and yet of little use, as whoever starts a silo meets it.</summary>
public sealed class RedisProblemTests
{
    [Fact]
    public async Task Silo_OnARedisThatEvicts_WarnsAndNamesTheSetting()
    {
        await using var redis = await RedisServer.StartAsync();
        using var folder = new TemporaryFolder();
        await redis.SendAsync("CONFIG SET maxmemory-policy allkeys-lru");

        await using var silo = await SiloProcess.StartAsync(redis.Address, folder.Path);

        var warning = await silo.Process.WaitForErrorAsync(line => line.Contains("evicts", StringComparison.Ordinal));
        Assert.Contains("set its 'maxmemory-policy' to noeviction, it is allkeys-lru", warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Runs_OfAUserWithoutPermission_NamesWhatIsToBeGranted()
    {
        await using var redis = await RedisServer.StartAsync();
        await redis.SendAsync("ACL SETUSER reader on >secret ~* +@read +@connection +@transaction");

        await using var lcnn = LcnnProcess.Start(
            Environment.CurrentDirectory, ["runs"], ("LCNN_CLUSTER", $"redis://reader:secret@127.0.0.1:{redis.Port}"));

        Assert.Equal(1, await lcnn.WaitForExitAsync());
        Assert.Equal(
            [$"error: the Redis of redis://reader:***@127.0.0.1:{redis.Port} cannot be used: its user 'reader' lacks permissions (NOPERM); grant them with 'ACL SETUSER reader +hsetnx'"],
            lcnn.Error);
    }
}
