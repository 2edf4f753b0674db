namespace Lcnn.Distributed.Grains.Runs;

/// <summary>Another coordinator of the run has written its record; this one has to go.</summary>
internal sealed class RunSupersededException(string runId, Exception inner)
    : Exception($"run {runId}: its record was written by another coordinator; this one gives way", inner);
