namespace Lcnn.Distributed.Client;

/// <summary>Asks whether a user may do all that silos, or clients, do; without doing any of it, inside a transaction that is discarded.</summary>
internal static class RedisPermissions
{
    /// <exception cref="RedisRefusedException">Nothing can be written for another reason than permissions.</exception>
    /// <exception cref="ClusterUnreachableException">Something is not allowed; the message names all of it.</exception>
    public static async Task CheckAsync(RespConnection redis, ClusterAddress address, bool isSilo, CancellationToken cancellationToken)
    {
        try
        {
            await redis.AskAsync(cancellationToken, "MULTI");
        }
        catch (RedisRefusedException refused) when (refused.Kind == "NOPERM")
        {
            return; // it is not needed otherwise
        }

        var missing = new List<string>();
        foreach (var command in Needed(address.ClusterId, isSilo))
        {
            try
            {
                await redis.AskAsync(cancellationToken, command);
            }
            catch (RedisRefusedException refused) when (refused.Kind == "NOPERM")
            {
                missing.Add(refused.Message.Contains(" key", StringComparison.Ordinal) ? $"~{address.ClusterId}/*" : $"+{command[0].ToLowerInvariant()}");
            }
        }

        await redis.AskAsync(cancellationToken, "DISCARD");
        if (missing.Count > 0)
        {
            var user = address.User ?? "default";
            throw RedisProblems.CannotBeUsed(
                address, $"its user '{user}' lacks permissions (NOPERM); grant them with 'ACL SETUSER {user} {string.Join(' ', missing.Distinct())}'");
        }
    }

    private static string[][] Needed(string clusterId, bool isSilo)
    {
        var members = $"{clusterId}/{ClusterIdentity.DefaultServiceId}/members/{clusterId}";
        var reminders = $"{clusterId}/{ClusterIdentity.DefaultServiceId}/reminders";
        var (epoch, log) = ($"{clusterId}/epoch", $"{clusterId}/run-log/none");
        string[][] forAll = [["PING"], ["ECHO", "lcnn"], ["HGETALL", members], ["HSETNX", members, "field", "value"]];
        return !isSilo ? forAll :
        [
            .. forAll,
            ["HGET", members, "field"], ["HEXISTS", members, "field"], ["HSET", members, "field", "value"], ["HMSET", members, "field", "value"],
            ["HDEL", members, "field"], ["DEL", members],
            ["ZADD", reminders, "0", "member"], ["ZRANGEBYLEX", reminders, "-", "+"], ["ZREMRANGEBYLEX", reminders, "-", "+"],
            ["SETNX", epoch, "value"], ["GET", epoch],
            ["XADD", log, "*", "field", "value"], ["XRANGE", log, "-", "+"], ["XREVRANGE", log, "+", "-"], ["DEL", log], ["RENAME", log, log],
            ["EVAL", "return 1", "0"], ["EVALSHA", new string('0', 40), "0"], ["SCRIPT", "LOAD", "return 1"],
        ];
    }
}
