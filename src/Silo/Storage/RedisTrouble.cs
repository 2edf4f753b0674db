using Lcnn.Distributed.Client;
using Lcnn.Distributed.Contracts.Runs;
using StackExchange.Redis;

namespace Lcnn.Distributed.Silo.Storage;

/// <summary>What goes wrong with Redis, for logs and clients: they know no library of ours.</summary>
internal static class RedisTrouble
{
    /// <summary>The same in a sentence.</summary>
    public static StoreAwayException Away(Exception exception) => new(exception switch
    {
        RedisServerException refused => $"Redis refuses: {refused.Message.ReplaceLineEndings(" ")}",
        RedisConnectionException => "Redis cannot be reached",
        TimeoutException => "Redis does not answer in time",
        _ => RedisProblems.InShort(exception) ?? exception.Message.ReplaceLineEndings(" "),
    });
}
