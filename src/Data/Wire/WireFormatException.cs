namespace Lcnn.Distributed.Data.Wire;

/// <summary>Bytes from a peer are not what they should be.</summary>
public sealed class WireFormatException(string message) : Exception(message);
