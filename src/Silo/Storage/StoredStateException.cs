namespace Lcnn.Distributed.Silo.Storage;

/// <summary>What the store holds is not what this program writes.</summary>
public sealed class StoredStateException(string message, Exception? innerException = null) : Exception(message, innerException);
