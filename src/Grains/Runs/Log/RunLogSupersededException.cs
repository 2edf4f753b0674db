namespace Lcnn.Distributed.Grains.Runs.Log;

/// <summary>Another coordinator of the run has written on; this one has to go.</summary>
internal sealed class RunLogSupersededException(string runId, long sequence, long storedSequence)
    : Exception($"run {runId}: event {sequence} was stored by another coordinator (the log is at {storedSequence}); this one gives way")
{
    /// <summary>The newest number in the store when that was found out.</summary>
    public long StoredSequence { get; } = storedSequence;
}
