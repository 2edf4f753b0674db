using Lcnn.Distributed.Client;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Silo;
using Lcnn.Distributed.Silo.Storage;
using Orleans.Persistence.Redis;
using StackExchange.Redis;

namespace Lcnn.Distributed.UnitTests.Silo;

/// <summary>What Redis and its libraries say, as users read it: a sentence.</summary>
public sealed class RedisTroubleTests
{
    // As seen; the counters and the rest of the advice are left out.
    private const string Dump =
        "Timeout performing HMGET (5000ms), next: GET lcnn/epoch, inst: 0, qu: 0, qs: 2, aw: False, bw: SpinningDown, rs: ReadAsync, ws: Idle, serverEndpoint: 10.77.0.1:6379, " +
        "(Please take a look at this article for some common client-side issues that can cause timeouts: https://stackexchange.github.io/StackExchange.Redis/Timeouts)";

    public static TheoryData<string, Exception> Troubles { get; } = new()
    {
        { "Redis does not answer in time", new RedisTimeoutException(Dump, CommandStatus.Sent) },
        { "Redis does not answer in time", new RedisStorageException($"Failed to write grain state for run grain. StackExchange.Redis.RedisTimeoutException: {Dump}") },
        { "Redis cannot be reached", new RedisConnectionException(ConnectionFailureType.UnableToConnect, "No connection is active/available to service this operation: HMGET; mc: 1/1/0") },
        { "Redis cannot be reached", new RedisStorageException("Failed to read grain state. StackExchange.Redis.RedisConnectionException: The message timed out in the backlog attempting to send") },
        { "Redis refuses: OOM command not allowed when used memory > 'maxmemory'.", new RedisServerException("OOM command not allowed when used memory > 'maxmemory'.") },
        {
            "Redis refuses: OOM command not allowed when used memory > 'maxmemory'.",
            new RedisStorageException("Failed to write grain state. StackExchange.Redis.RedisServerException: OOM command not allowed when used memory > 'maxmemory'.")
        },
    };

    [Theory]
    [InlineData("OOM command not allowed when used memory > 'maxmemory'.", true)]
    [InlineData("NOPERM this user has no permissions to run the 'hset' command", true)]
    [InlineData("ERR string exceeds maximum allowed size (proto-max-bulk-len)", true)]
    [InlineData("LOADING Redis is loading the dataset in memory", false)]
    [InlineData("MISCONF Errors writing to the AOF file: No space left on device", false)]
    [InlineData("READONLY You can't write against a read only replica.", false)]
    public void Of_WhatRedisSays_IsARefusalOnlyWhereItWillSayItAgain(string said, bool isRefusal)
    {
        Assert.Equal(isRefusal, RedisTrouble.Of(new RedisServerException(said)) is StoreRefusedException);
        Assert.Equal(isRefusal, RedisTrouble.Of(new RedisStorageException($"Failed to write grain state. StackExchange.Redis.RedisServerException: {said}")) is StoreRefusedException);
    }

    [Fact]
    public void Of_RecordThatIsTooLarge_IsARefusalInOurWords()
    {
        var refused = Assert.IsType<StoreRefusedException>(RedisTrouble.Of(new RedisStorageException(
            $"Failed to write grain state for run grain. {typeof(StoreRefusedException)}: RunRecord has 600 MB, and Redis takes 512 MB at most")));

        Assert.Equal("RunRecord has 600 MB, and Redis takes 512 MB at most", refused.Message);
    }

    [Theory, MemberData(nameof(Troubles))]
    public void Of_AnyTrouble_IsASentence(string expected, Exception trouble) => Assert.Equal(expected, RedisTrouble.Of(trouble).Message);

    [Fact]
    public void OfRedis_GoneWhileTheSiloStarted_SaysWhatToMend()
    {
        var problem = SiloProblems.OfRedis(new InvalidOperationException("a start-up task failed", new RedisTimeoutException(Dump, CommandStatus.Sent)), ClusterAddress.Parse("redis://host"));

        Assert.Equal(
            "the Redis of redis://host:6379 cannot be used: it was there, but then: Redis does not answer in time; mend the network to it, and start the silo again", problem!.Message);
    }

    [Fact]
    public void OfRedis_AnotherProblem_IsNone() =>
        Assert.Null(SiloProblems.OfRedis(new InvalidOperationException("a start-up task failed"), ClusterAddress.Parse("redis://host")));
}
