using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Grains.Storage;

/// <summary>A store that refuses a write: it is tried again for as long as somebody may be making room for it, and no longer.</summary>
/// <remarks>A store that is away is none of this: it is waited for.</remarks>
internal sealed class Refusals(TimeProvider clock)
{
    /// <summary>How long a refused write is tried again.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private long? _since;

    /// <summary>Why the write at hand is refused; null while it is not.</summary>
    public StoreRefusedException? Current { get; private set; }

    /// <summary>Another write begins.</summary>
    public void Clear() => (_since, Current) = (null, null);

    /// <summary>Takes in why an attempt failed.</summary>
    /// <param name="exception">What the store said.</param>
    /// <param name="what">What could not be stored, for people.</param>
    /// <exception cref="StoreRefusedException">It has been refused for long enough.</exception>
    public void Note(Exception exception, string what)
    {
        if (exception is not StoreRefusedException refused)
        {
            Clear();
            return;
        }

        Current = new StoreRefusedException($"{what} cannot be stored: {refused.Message}");
        _since ??= clock.GetTimestamp();
        if (clock.GetElapsedTime(_since.Value) >= Patience)
        {
            throw Current;
        }
    }
}
