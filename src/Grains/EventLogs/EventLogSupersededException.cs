namespace Lcnn.Distributed.Grains.EventLogs;

/// <summary>Somebody else has written on; this writer has to go.</summary>
internal sealed class EventLogSupersededException(string logId, long sequence, long storedSequence)
    : Exception($"{logId}: event {sequence} was stored by another silo (the log is at {storedSequence}); this one gives way")
{
    /// <summary>The newest number in the store when that was found out.</summary>
    public long StoredSequence { get; } = storedSequence;
}
