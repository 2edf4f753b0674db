using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Lcnn.Distributed.Model.Native;

/// <summary>libtorch could not do an operation: no memory, a broken device, or a mistake of ours.</summary>
public sealed partial class LibtorchException : Exception
{
    private LibtorchException(string place, string reason, bool isOutOfMemory, Exception refusal)
        : base($"{(isOutOfMemory ? "out of memory" : "libtorch failed")} in {place}: {reason}", refusal) => IsOutOfMemory = isOutOfMemory;

    /// <summary>Whether less work at a time would have got through.</summary>
    public bool IsOutOfMemory { get; }

    /// <summary>Whether an exception is libtorch's or the runtime's word for such a thing, without a place yet.</summary>
    public static bool IsRaw(Exception exception) =>
        exception.GetType() == typeof(ExternalException) || exception is OutOfMemoryException;

    /// <summary>Does some work; what libtorch refuses gets its place's name.</summary>
    /// <param name="place">As in "libtorch failed in ...".</param>
    /// <param name="work">On this thread.</param>
    /// <exception cref="LibtorchException">libtorch could not.</exception>
    public static T In<T>(string place, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception exception) when (IsRaw(exception))
        {
            throw At(place, exception);
        }
    }

    /// <summary>The exception with its place.</summary>
    public static LibtorchException At(string place, Exception raw)
    {
        var reason = ReasonIn(raw.Message);
        return new LibtorchException(place, reason, raw is OutOfMemoryException || OutOfMemory().IsMatch(reason), raw);
    }

    // libtorch writes where in its sources and a stack trace around it.
    private static string ReasonIn(string message)
    {
        var lines = message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var said = lines.TakeWhile(line => !line.StartsWith("Exception raised from", StringComparison.Ordinal) && !line.StartsWith("frame #", StringComparison.Ordinal));
        return EnforcePrefix().Replace(string.Join(' ', said), "");
    }

    [GeneratedRegex("out of memory|can't allocate memory|not enough memory|ALLOC_FAILED|bad_alloc|could not create a memory", RegexOptions.IgnoreCase)]
    private static partial Regex OutOfMemory();

    [GeneratedRegex(@"^\[enforce fail at [^\]]*\]\s*[^.]*\.\s*")]
    private static partial Regex EnforcePrefix();
}
