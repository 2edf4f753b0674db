namespace Lcnn.Distributed.Cli.Services;

/// <summary>What was asked for could be tried and failed; the message says why.</summary>
internal sealed class OperationFailedException(string message, Exception? innerException = null) : Exception(message, innerException);
