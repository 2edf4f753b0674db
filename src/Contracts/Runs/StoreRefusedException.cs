namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>The store of records is there and refuses to keep something, again and again: it has no room, takes nothing so large, or does not allow it.</summary>
/// <param name="message">What it refuses, why, and what to do, in a sentence.</param>
[GenerateSerializer, Alias("lcnn.StoreRefusedException")]
public sealed class StoreRefusedException(string message) : Exception(message);
