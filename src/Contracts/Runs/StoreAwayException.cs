namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>The store of records is away. Nothing is lost; the same call succeeds once it is back.</summary>
/// <param name="message">What waits for it, and why it is away, in a sentence.</param>
[GenerateSerializer, Alias("lcnn.StoreAwayException")]
public sealed class StoreAwayException(string message) : Exception(message);
