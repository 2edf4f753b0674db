namespace Lcnn.Distributed.Contracts.Cluster;

/// <summary>A slot is not for this holder: another has it, its reservation lapsed, or its run has gone on to a later generation.</summary>
[GenerateSerializer, Alias("lcnn.SlotRefusedException")]
public sealed class SlotRefusedException(string message) : Exception(message);
