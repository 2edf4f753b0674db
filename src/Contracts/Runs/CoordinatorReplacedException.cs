namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>Another coordinator has taken the run over while this one answered; the same call finds it.</summary>
[GenerateSerializer, Alias("lcnn.CoordinatorReplacedException")]
public sealed class CoordinatorReplacedException(string message) : Exception(message);
