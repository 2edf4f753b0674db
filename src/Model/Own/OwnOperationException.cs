namespace Lcnn.Distributed.Model.Own;

/// <summary>An operation of a program's own broke its word: another shape than it declared, a missing gradient, or an exception of its code.</summary>
public sealed class OwnOperationException(string message, Exception? inner = null) : Exception(message, inner);
