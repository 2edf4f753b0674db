using Lcnn.Distributed.Client;
using Lcnn.Distributed.Contracts.Runs;
using StackExchange.Redis;

namespace Lcnn.Distributed.Silo.Storage;

/// <summary>What goes wrong with Redis, for logs and clients: they know no library of ours.</summary>
internal static class RedisTrouble
{
    private const string Refuses = "Redis refuses: ";
    private static readonly string _refused = $"{typeof(StoreRefusedException).FullName}: ";

    // It is there, and what it refuses it will refuse again, unless somebody changes it.
    private static readonly string[] _refusals = ["OOM ", "NOPERM ", "ERR string exceeds maximum allowed size"];

    /// <summary>The same in a sentence: Redis is away, or refuses for good.</summary>
    public static Exception Of(Exception exception)
    {
        if (exception.Message.IndexOf(_refused, StringComparison.Ordinal) is >= 0 and var own)
        {
            return new StoreRefusedException(exception.Message[(own + _refused.Length)..]); // ours, in the library's words
        }

        var text = Describe(exception);
        return _refusals.Any(refusal => text.StartsWith(Refuses + refusal, StringComparison.Ordinal)) ? new StoreRefusedException(text) : new StoreAwayException(text);
    }

    private static string Describe(Exception exception) => exception switch
    {
        RedisServerException refused => Refuses + refused.Message.ReplaceLineEndings(" "),
        RedisConnectionException => "Redis cannot be reached",
        TimeoutException => "Redis does not answer in time",
        _ => RedisProblems.InShort(exception) ?? exception.Message.ReplaceLineEndings(" "),
    };
}
