namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>The run's id is taken by another spec.</summary>
[GenerateSerializer, Alias("lcnn.RunExistsException")]
public sealed class RunExistsException(string message) : Exception(message);
