namespace Lcnn.Distributed.Client;

/// <summary>No part of the cluster answers; the message says which was asked and what to do.</summary>
public sealed class ClusterUnreachableException(string message, Exception? innerException = null) : Exception(message, innerException);
